//! The configuration file that mail programs look for.

/// Where it is, at the host `autoconfig.`.
pub(super) const PATH: &str = "/mail/config-v1.1.xml";

/// The file of a domain whose mail programs send through `host`. Both are names of the world's
/// own and need no escaping.
pub(super) fn file(domain: &str, host: &str) -> String {
    let server = |port: u16, socket: &str| {
        format!(
            "    <outgoingServer type=\"smtp\">\n      <hostname>{host}</hostname>\n      \
             <port>{port}</port>\n      <socketType>{socket}</socketType>\n      \
             <authentication>password-cleartext</authentication>\n      \
             <username>%EMAILADDRESS%</username>\n    </outgoingServer>\n"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\n  \
         <emailProvider id=\"{domain}\">\n    <domain>{domain}</domain>\n{}{}  \
         </emailProvider>\n</clientConfig>\n",
        server(587, "STARTTLS"),
        server(465, "SSL"),
    )
}
