//! Between the program's session and the engine's.

use crate::case::Case;
use crate::engine::live::{Order, Told};
use crate::smtp::suggest::Plan;
use crate::smtp::{HelloName, ReversePath};
use crate::tui::screen::session::{Ready, Said, SessionEvent, SessionOrder};

/// The order for the connection that stands; none for a new one.
pub fn order_of(order: SessionOrder) -> Option<Order> {
    Some(match order {
        SessionOrder::Connect { .. } => return None,
        SessionOrder::Send(line) => Order::Send(line),
        SessionOrder::Message(outline) => Order::Message(outline),
        SessionOrder::Together => Order::Next,
        SessionOrder::Envelope(envelope) => Order::Envelope(envelope),
        SessionOrder::StartTls => Order::StartTls,
        SessionOrder::Raw(raw) => Order::Raw(raw),
        SessionOrder::LogIn(login, exposure) => Order::LogIn(login, exposure),
        SessionOrder::Drop => Order::Drop,
        SessionOrder::Disconnect => Order::Disconnect,
    })
}

/// What the connection tells, as this program takes it.
pub fn shown(told: Told) -> SessionEvent {
    match told {
        Told::Line(line) => SessionEvent::Line(line),
        Told::Replied { to, lines, took_ms } => SessionEvent::Replied(Said { to, lines, took_ms }),
        Told::Ready {
            suggested,
            together,
            because,
            permitted,
            encrypted,
            awaits_message,
            sender,
            recipients,
            standing,
        } => SessionEvent::Ready(Ready {
            suggested,
            together,
            because,
            permitted,
            encrypted,
            awaits_message,
            sender,
            recipients,
            standing,
        }),
        Told::Closed(why) => SessionEvent::Closed(why),
        Told::Tls(tls) => SessionEvent::Tls(tls),
    }
}

/// The envelope that the case suggests.
pub fn plan(case: &Case) -> Plan {
    let own = gethostname::gethostname().into_string().ok();
    let hello: Option<HelloName> = own
        .filter(|name| name.contains('.'))
        .and_then(|name| name.parse().ok());
    let to = case.to.as_ref().map(ToString::to_string).or_else(|| {
        let target = case.target.as_ref()?;
        Some(target.address().map_or_else(
            || format!("postmaster@{}", target.domain()),
            |address| address.to_string(),
        ))
    });
    Plan {
        from: Some(
            case.from
                .as_ref()
                .and_then(|from| from.to_string().parse().ok())
                .unwrap_or(ReversePath::Null),
        ),
        to: to.and_then(|to| to.parse().ok()).into_iter().collect(),
        message: true,
        ..Plan::new(
            hello.unwrap_or_else(|| HelloName::literal(std::net::Ipv4Addr::LOCALHOST.into())),
        )
    }
}
