use super::plan;

#[test]
fn a_relay_is_asked_for_nobody_but_the_sender() {
    let sender = "ann@elsewhere.example".parse().unwrap();
    for form in plan::relay_forms(&sender, "here.example", "192.0.2.1".parse().unwrap()) {
        let about_sender = form.recipient.contains("elsewhere.example");
        assert!(about_sender || form.name == plan::COMPARISON, "{form:?}");
        assert!(!form.recipient.contains(['\r', '\n', '<', '>']), "{form:?}");
    }
}

#[test]
fn a_smuggled_envelope_names_nobody_else() {
    let (from, to) = (
        "a@b.example".parse().unwrap(),
        "c@d.example".parse().unwrap(),
    );
    for (name, end) in plan::ENDS {
        let message = plan::smuggled(name, end, &from, &to);
        let text = String::from_utf8(message).unwrap();
        assert!(text.ends_with("\r\n.\r\n"));
        assert_eq!(text.matches("\r\n.\r\n").count(), 1, "{name}");
        let addresses = text.matches('@').count();
        assert_eq!(
            addresses,
            text.matches("a@b.example").count() + text.matches("c@d.example").count()
        );
    }
}
