//! S091 at the command line: no address that is saved leads inside, and nothing on this machine is asked.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use super::program::Trial;

const FILE: &str = r#"
[clients.permits]
department = "dit"
owner_email = "somchai@moc.example"
redirect_uris = ["https://permits.example/cb"]
scopes = ["openid"]
NAME = "ADDRESS"

[clients.permits.name]
th = "ระบบใบอนุญาต"
en = "Permits"

[clients.permits.purpose]
th = "ออกใบอนุญาต"
en = "issue permits"
"#;

#[tokio::test]
async fn s091_an_address_inside_is_refused_by_an_import() {
    let trial = Trial::new().await;
    let canary = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    canary.set_nonblocking(true).unwrap();
    let port = canary.local_addr().unwrap().port();
    let file = trial.path("clients.toml");
    for name in ["sector_identifier_uri", "backchannel_logout_uri", "initiate_login_uri", "events_push"] {
        for address in [
            "gopher://127.0.0.1:PORT/_GET",
            "file:///etc/passwd",
            "http://10.0.0.1/",
            "https://2130706433:PORT/",
            "https://127.1:PORT/",
            "https://rp.test@127.0.0.1:PORT/",
        ] {
            let uri = address.replace("PORT", &port.to_string());
            std::fs::write(&file, FILE.replace("NAME", name).replace("ADDRESS", &uri)).unwrap();
            trial.idp(&["client", "import", &file]).await.refusal();
        }
    }
    // Addresses in their plain form that only asking would tell: the one that is fetched when it is saved is refused.
    for address in
        ["https://127.0.0.1:PORT/", "https://[::ffff:7f00:1]:PORT/", "https://169.254.169.254/", "https://10.0.0.1/"]
    {
        let uri = address.replace("PORT", &port.to_string());
        std::fs::write(&file, FILE.replace("NAME", "sector_identifier_uri").replace("ADDRESS", &uri)).unwrap();
        trial.idp(&["client", "import", &file]).await.refusal();
    }
    let heard = canary.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(heard, Err(ErrorKind::WouldBlock), "somebody connected");
    assert_eq!(trial.idp(&["client", "list", "--json"]).await.json(), serde_json::json!([]));
}
