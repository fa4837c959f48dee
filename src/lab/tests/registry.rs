//! WHOIS, RDAP, and the other HTTPS pages.

use super::visit;

#[tokio::test]
async fn whois_and_rdap_tell_the_same() {
    let visit = visit("healthy").await;
    let referral = visit.whois("whois.iana.org", "com").await;
    assert!(referral.contains("refer:        whois.verisign-grs.com\r\n"));
    let thin = visit
        .whois(
            "whois.verisign-grs.com",
            &format!("domain {}", visit.domain),
        )
        .await;
    assert!(thin.contains("   Registrar WHOIS Server: whois.harbourmaster-registrar.com\r\n"));
    assert!(thin.contains(&format!("Name Server: NS1.{}", visit.domain.to_uppercase())));
    let full = visit
        .whois("whois.harbourmaster-registrar.com", &visit.domain)
        .await;
    assert!(full.contains(&format!("Name Server: ns2.{}", visit.domain)));
    let host = format!("nameserver ns1.{}", visit.domain);
    let host = visit.whois("whois.verisign-grs.com", &host).await;
    assert!(host.contains("IP Address: 88.198.41.53"), "{host}");

    let list = visit.get("data.iana.org", 443, "/rdap/dns.json").await;
    assert!(list.contains("https://rdap.verisign.com/com/v1/"), "{list}");
    let path = format!("/com/v1/domain/{}", visit.domain);
    let object = visit.get("rdap.verisign.com", 443, &path).await;
    assert!(object.starts_with("HTTP/1.1 200"), "{object}");
    let body = object.split("\r\n\r\n").nth(1).unwrap();
    let object: icann_rdap_common::response::Domain = serde_json::from_str(body).unwrap();
    assert_eq!(object.nameservers().len(), 2);
    let missing = visit
        .get("rdap.verisign.com", 443, "/com/v1/domain/nobody.com")
        .await;
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
    let webmail = visit
        .get(&format!("webmail.{}", visit.domain), 2096, "/")
        .await;
    assert!(webmail.contains("Log in"), "{webmail}");
}

#[tokio::test]
async fn the_registries_tell_the_stories() {
    let here = visit("expired-and-on-hold").await;
    let thin = here.whois("whois.verisign-grs.com", &here.domain).await;
    assert!(thin.contains("Domain Status: clientHold "), "{thin}");
    let here = visit("not-registered").await;
    let none = here.whois("whois.nic.uk", &here.domain).await;
    assert!(none.contains("has not been registered"), "{none}");
    let path = format!("/uk/domain/{}", here.domain);
    assert!(
        here.get("rdap.nominet.uk", 443, &path)
            .await
            .starts_with("HTTP/1.1 404")
    );
    let here = visit("registrar-and-parent-disagree").await;
    let thin = here.whois("whois.verisign-grs.com", &here.domain).await;
    assert!(thin.contains("Name Server: NS1.LANTERNHOST.NET"), "{thin}");
}
