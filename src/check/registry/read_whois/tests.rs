//! Answers in the layouts that are out there; names, dates and addresses are invented.

use super::*;
use crate::check::registry::registration::Meaning;
use rstest::rstest;

fn read(text: &str) -> Registration {
    domain(&SafeText::lines_of(text)).unwrap()
}

const VERISIGN: &str = "   Domain Name: EXAMPLE.COM\r
   Registrar WHOIS Server: whois.registrar.example\r
   Updated Date: 2025-08-14T07:01:44Z\r
   Creation Date: 1995-08-14T04:00:00Z\r
   Registry Expiry Date: 2027-08-13T04:00:00Z\r
   Registrar: Example Registrar, Inc.\r
   Registrar IANA ID: 9999\r
   Domain Status: clientHold https://icann.org/epp#clientHold\r
   Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited\r
   Name Server: NS1.EXAMPLE.COM\r
   Name Server: NS2.EXAMPLE.NET\r
   DNSSEC: signedDelegation\r
>>> Last update of whois database: 2026-01-01T00:00:00Z <<<\r
\r
NOTICE: The expiration date displayed in this record is the date the\r
registrar's sponsorship of the domain name registration in the registry is\r
currently set to expire.\r
by name servers: limit exceeded, not found.\r
";

const REGISTRAR: &str = "Domain Name: example.com
Registrar WHOIS Server: whois.registrar.example
Updated Date: 2025-08-14T07:01:44+0000
Creation Date: 1995-08-14T04:00:00+0000
Registrar Registration Expiration Date: 2027-08-13T04:00:00.00Z
Registrar: Example Registrar, Inc.
Domain Status: ok
Registrant Name: Redacted for Privacy
Name Server: ns1.example.com
Name Server: ns2.example.net
DNSSEC: unsigned
";

const NOMINET: &str = "
    Domain name:
        example.co.uk

    Data validation:
        Nominet was able to match the registrant's name and address against a 3rd party data source on 10-Dec-2012

    Registrar:
        Example Registrar Ltd [Tag = EXAMPLE]
        URL: https://www.registrar.example

    Relevant dates:
        Registered on: 26-Nov-1996
        Expiry date:  26-Nov-2027
        Last updated:  20-Nov-2025

    Registration status:
        Registered until expiry date.

    Name servers:
        ns1.example.co.uk         192.0.2.53  2001:db8::53
        ns2.example.net

    WHOIS lookup made at 10:00:00 01-Jan-2026

-- 
This WHOIS information is provided for free by Nominet UK the central registry
for .uk domain names.
";

const DENIC: &str = "% Restricted rights.
Domain: example.de
Nserver: ns1.example.de 192.0.2.53 2001:db8::53
Nserver: ns2.example.net
Status: connect
Changed: 2025-03-12T21:44:25+01:00
";

const AFNIC: &str = "%%
%% This is the AFNIC Whois server.
%%
%% complete date format: YYYY-MM-DDThh:mm:ssZ
%%

domain:                        example.fr
status:                        ACTIVE
eppstatus:                     active
hold:                          NO
registrar:                     EXAMPLE REGISTRAR
Expiry Date:                   2027-02-11T12:00:00Z
created:                       2004-02-11T12:00:00Z
last-update:                   2025-02-11T12:00:00.123456Z
source:                        FRNIC

nserver:                       ns1.example.fr [192.0.2.53 2001:db8::53]
nserver:                       ns2.example.net
source:                        FRNIC

registrar:                     ANOTHER OBJECT
changed:                       2001-01-01T00:00:00Z
";

const SIDN: &str = "Domain name: example.nl
Status:      active

Reseller:

Registrar:
   Example Registrar B.V.
   Herengracht 1
   1016BR Amsterdam

Abuse Contact:

Creation Date: 1999-05-27

Updated Date: 2025-06-30

DNSSEC:      yes

Domain nameservers:
   ns1.example.nl             192.0.2.53
   ns2.example.net

Record maintained by: SIDN BV
";

const IIS: &str = "# Copyright (c) 1997- The Swedish Internet Foundation.
state:            active
domain:           example.se
holder:           (not shown)
created:          1999-08-23
modified:         2025-07-01
expires:          2027-08-23
nserver:          ns1.example.se 192.0.2.53
nserver:          ns2.example.net
dnssec:           unsigned delegation
registry-lock:    unlocked
status:           ok
registrar:        Example Registrar AB
";

const EURID: &str = "% The WHOIS service offered by EURid and the access to the records
% Excessive querying will lead to a limit.
Domain: example.eu
Script: LATIN

Registrant:
        NOT DISCLOSED!
        Visit www.eurid.eu for the web-based WHOIS.

Registrar:
        Name: Example Registrar
        Website: www.registrar.example

Name servers:
        ns1.example.eu (192.0.2.53)
        ns2.example.net

Please visit www.eurid.eu for more info.
";

const JPRS: &str = "[ JPRS database provides information on network administration. ]
Domain Information:
a. [Domain Name]                EXAMPLE.CO.JP
g. [Organization]               Example Corporation
p. [Name Server]                ns1.example.co.jp
p. [Name Server]                ns2.example.net
s. [Signing Key]                
[State]                         Connected (2027/03/31)
[Registered Date]               2001/03/26
[Connected Date]                2001/04/10
[Last Update]                   2025/04/01 01:05:22 (JST)
";

const REGISTRO_BR: &str = "% Copyright (c) Nic.br

domain:      example.com.br
owner:       Exemplo S.A.
nserver:     ns1.example.com.br 192.0.2.53
nsstat:      20260101 AA
nslastaa:    20260101
nserver:     ns2.example.net
created:     19990527 #123456
changed:     20250630
expires:     20270527
status:      published

nic-hdl-br:  XXXXX
created:     20100101
";

const NASK: &str = "DOMAIN NAME:           example.pl
registrant type:       organization
nameservers:           ns1.example.pl. [192.0.2.53]
                       ns2.example.net.
created:               1999.05.27 13:00:00
last modified:         2025.06.30 09:31:12
renewal date:          2027.05.26 14:00:00

REGISTRAR:
Example Registrar Sp. z o.o.
";

const NIC_IT: &str = "Domain:             example.it
Status:             ok
Signed:             no
Created:            1999-05-27 00:00:00
Last Update:        2025-06-12 00:48:41
Expire Date:        2027-05-27

Registrar
  Organization:     Example Registrar S.r.l.
  Name:             EXAMPLE-REG

Nameservers
  ns1.example.it
  ns2.example.net
";

const FI: &str = "domain.............: example.fi
status.............: Registered
created............: 27.5.1999 00:00:00
expires............: 27.5.2027 00:00:00
modified...........: 30.6.2025 12:00:00

nserver............: ns1.example.fi [192.0.2.53] [OK]
nserver............: ns2.example.net [OK]

dnssec.............: no

registrar..........: Example Registrar Oy
";

const TCI: &str = "% TCI Whois Service.

domain:        EXAMPLE.RU
nserver:       ns1.example.ru. 192.0.2.53
nserver:       ns2.example.net.
state:         REGISTERED, DELEGATED, VERIFIED
registrar:     EXAMPLE-RU
created:       1999-05-27T12:00:00Z
paid-till:     2027-05-27T12:00:00Z
source:        TCI
";

const OLD_THIN: &str = "Registrant:
   Example Organisation
   Record expires on 27-May-2027.
   Record created on 27-May-1999.

   Domain servers in listed order:

   NS1.EXAMPLE.ORG           192.0.2.53
   NS2.EXAMPLE.NET           192.0.2.54
";

#[rstest]
#[case::verisign(
    VERISIGN,
    "example.com",
    Some("2027-08-13T04:00:00Z"),
    Some("Example Registrar, Inc."),
    Some("1995-08-14T04:00:00Z")
)]
#[case::registrar(
    REGISTRAR,
    "example.com",
    Some("2027-08-13T04:00:00Z"),
    Some("Example Registrar, Inc."),
    Some("1995-08-14T04:00:00Z")
)]
#[case::nominet(
    NOMINET,
    "example.co.uk",
    Some("2027-11-26T23:59:59Z"),
    Some("Example Registrar Ltd"),
    Some("1996-11-26T00:00:00Z")
)]
#[case::denic(DENIC, "example.de", None, None, None)]
#[case::afnic(
    AFNIC,
    "example.fr",
    Some("2027-02-11T12:00:00Z"),
    Some("EXAMPLE REGISTRAR"),
    Some("2004-02-11T12:00:00Z")
)]
#[case::sidn(
    SIDN,
    "example.nl",
    None,
    Some("Example Registrar B.V."),
    Some("1999-05-27T00:00:00Z")
)]
#[case::iis(
    IIS,
    "example.se",
    Some("2027-08-23T23:59:59Z"),
    Some("Example Registrar AB"),
    Some("1999-08-23T00:00:00Z")
)]
#[case::eurid(EURID, "example.eu", None, Some("Example Registrar"), None)]
#[case::jprs(JPRS, "example.co.jp", None, None, Some("2001-03-26T00:00:00Z"))]
#[case::registro_br(
    REGISTRO_BR,
    "example.com.br",
    Some("2027-05-27T23:59:59Z"),
    None,
    Some("1999-05-27T00:00:00Z")
)]
#[case::nask(
    NASK,
    "example.pl",
    Some("2027-05-26T14:00:00Z"),
    None,
    Some("1999-05-27T13:00:00Z")
)]
#[case::nic_it(
    NIC_IT,
    "example.it",
    Some("2027-05-27T23:59:59Z"),
    Some("Example Registrar S.r.l."),
    Some("1999-05-27T00:00:00Z")
)]
#[case::fi(
    FI,
    "example.fi",
    Some("2027-05-27T00:00:00Z"),
    Some("Example Registrar Oy"),
    Some("1999-05-27T00:00:00Z")
)]
#[case::tci(
    TCI,
    "example.ru",
    Some("2027-05-27T12:00:00Z"),
    Some("EXAMPLE-RU"),
    Some("1999-05-27T12:00:00Z")
)]
#[case::old_thin(
    OLD_THIN,
    "example.org",
    Some("2027-05-27T23:59:59Z"),
    None,
    Some("1999-05-27T00:00:00Z")
)]
fn layouts(
    #[case] text: &str,
    #[case] name: &str,
    #[case] expires: Option<&str>,
    #[case] registrar: Option<&str>,
    #[case] created: Option<&str>,
) {
    let found = read(text);
    assert_eq!(found.registered, Some(true));
    let time = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    assert_eq!(found.expires, expires.map(time));
    assert_eq!(found.created, created.map(time));
    assert_eq!(found.registrar.as_deref(), registrar);
    let names: Vec<String> = found
        .nameservers
        .iter()
        .map(|(name, _)| name.to_ascii())
        .collect();
    assert_eq!(names, [format!("ns1.{name}."), "ns2.example.net.".into()]);
    // Where an address stands beside a name it is taken, and nothing else is.
    let glue = &found.nameservers[0].1;
    assert_eq!(text.contains("192.0.2.53"), !glue.is_empty(), "{glue:?}");
    assert_eq!(text.contains("2001:db8::53"), glue.len() == 2, "{glue:?}");
    assert_eq!(found.quotes(Fact::Nameserver).count(), 2);
}

#[test]
fn statuses_and_their_lines() {
    let found = read(VERISIGN);
    let hold = found.status(Meaning::Hold).unwrap();
    assert_eq!(hold.word, "clientHold");
    assert_eq!(
        found.quote_of(hold).unwrap(),
        &"Domain Status: clientHold https://icann.org/epp#clientHold"
    );
    assert_eq!(found.dnssec, Some(true));
    let found = read(&AFNIC.replace("NO\n", "YES\n"));
    assert!(found.status(Meaning::Hold).is_some());
    assert!(read(AFNIC).status(Meaning::Hold).is_none());
    let gone = read("Domain: example.de\nStatus: redemptionPeriod\n");
    assert!(gone.status(Meaning::Gone).is_some());
    assert!(
        read(&SIDN.replace("active", "in quarantine"))
            .status(Meaning::Gone)
            .is_some()
    );
    let words: Vec<_> = read(TCI).statuses.into_iter().map(|s| s.word).collect();
    assert_eq!(words, ["REGISTERED", "DELEGATED", "VERIFIED"]);
    let taken = read("Domain:\texample.be\nStatus:\tNOT AVAILABLE\nRegistered:\tTue May 4 1999\n");
    assert_eq!(taken.registered, Some(true));
}

#[rstest]
#[case(
    "No match for domain \"EXAMPLE.COM\".\n>>> Last update of whois database: 2026-01-01T00:00:00Z <<<\n\nNOTICE: The expiration date displayed in this record is the date the\nregistrar's sponsorship.\n"
)]
#[case(
    "Domain not found.\n>>> Last update of WHOIS database: 2026-01-01T00:00:00Z <<<\n\nTerms of Use: Access is subject to a limit; excessive querying is not allowed.\n"
)]
#[case("\n    No match for \"example.co.uk\".\n\n    This domain name has not been registered.\n")]
#[case("Domain: example.de\nStatus: free\n")]
#[case("%%\n%% This is the AFNIC Whois server.\n\n%% NOT FOUND\n")]
#[case("example.nl is free\n")]
#[case("# Copyright (c) 1997-\n\ndomain \"example.se\" not found.\n")]
#[case("% EURid\nDomain: example.eu\nScript: LATIN\nStatus: AVAILABLE\n")]
#[case("[ JPRS ]\nNo match!!\n")]
#[case("% No match for example.com.br\n")]
#[case("No information available about domain name example.pl in the Registry NASK database.\n")]
#[case("Domain:             example.it\nStatus:             AVAILABLE\n")]
#[case("%ERROR:101: no entries found\n%\n% No entries found.\n")]
#[case("The queried object does not exist: DOMAIN NOT FOUND\n")]
#[case("No_Se_Encontro_El_Objeto/Object_Not_Found\n")]
fn nobody_has_it(#[case] text: &str) {
    let found = read(text);
    assert_eq!(found.registered, Some(false));
    assert_eq!(found.quotes(Fact::Absent).count(), 1);
}

#[rstest]
#[case("WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\n")]
#[case("% 55000000002 Connection refused; access control limit exceeded.\n")]
#[case("Your connection limit exceeded. Please slow down and try again later.\n")]
#[case("-1: Quota exceeded\n")]
#[case("This WHOIS service has been retired. Please use RDAP.\n")]
fn not_served(#[case] text: &str) {
    let refused = domain(&SafeText::lines_of(text)).unwrap_err();
    assert_eq!(&*refused.0, text.trim());
}

#[test]
fn what_is_not_understood_is_neither() {
    for text in [
        "",
        "hello\n",
        "220 mx.example.org ESMTP\n",
        "%\n% Terms and conditions\n",
    ] {
        assert_eq!(read(text), Registration::default(), "{text}");
    }
}

#[test]
fn a_nameserver_and_its_addresses() {
    let known = "   Server Name: NS1.EXAMPLE.COM\r\n   IP Address: 192.0.2.53\r\n   IP Address: 2001:db8::53\r\n   Registrar: Example\r\n";
    let read = |text: &str| host(&SafeText::lines_of(text));
    let found = read(known).unwrap();
    assert_eq!(found.known, Some(true));
    assert_eq!(found.addresses.len(), 2);
    let none = read("No match for nameserver \"NS9.EXAMPLE.COM\".\r\n").unwrap();
    assert_eq!(none.known, Some(false));
    assert!(read("WHOIS LIMIT EXCEEDED\n").is_err());
    assert_eq!(read("Something else\n").unwrap(), Host::default());
}

proptest::proptest! {
    #[test]
    fn any_answer_can_be_read(text in "([a-zA-Z .:\\[\\]%#*0-9\t-]{0,30}\n|Name Server: [ -~]{0,20}\n|Expiry Date: [ -~]{0,12}\n){0,12}") {
        let lines = SafeText::lines_of(&text);
        if let Ok(found) = domain(&lines) {
            let said = |quote: &SafeText| lines.iter().any(|line| line.trim() == quote.as_str());
            proptest::prop_assert!(found.quotes.iter().all(|(_, quote)| said(quote)));
            proptest::prop_assert_eq!(found.registered.is_none(), found == Registration { dnssec: found.dnssec, updated: found.updated, quotes: found.quotes.clone(), ..Registration::default() });
        }
        if let Ok(found) = host(&lines) {
            proptest::prop_assert!(found.addresses.len() <= MAX_LIST);
        }
    }
}
