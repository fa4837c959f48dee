//! Refusals of a recipient where the scenario gives no words.

pub(in crate::lab) fn relaying_denied(recipient: &str) -> String {
    format!("550 5.7.1 <{recipient}>: Relay access denied")
}

pub(in crate::lab) fn user_unknown(recipient: &str) -> String {
    format!("550 5.1.1 <{recipient}>: Recipient address rejected: User unknown")
}

pub(in crate::lab) fn greylisted(recipient: &str, seconds: u64) -> String {
    format!(
        "450 4.2.0 <{recipient}>: Recipient address rejected: Greylisted, please try again in \
         {seconds} seconds"
    )
}
