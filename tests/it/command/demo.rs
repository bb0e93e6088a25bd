//! `idp demo`: one command, everything on this machine.

use std::net::TcpListener;

use idp_verify::registry::citizens;
use idp_verify::staff::personnel;

use super::program::{Running, Said, free_ports, idp};

struct Demo {
    running: Running,
    port: u16,
    story: String,
}

impl Demo {
    /// Starts it in `folder` and reads its story. Other programs may take one of its ports first; then it looks elsewhere.
    async fn start(folder: &str, more: &[&str]) -> Self {
        for _ in 0..5 {
            let port = free_ports(8);
            let number = port.to_string();
            let arguments = ["demo", "--data", folder, "--port", &number];
            let mut running = Running::start(&[&arguments, more].concat());
            match running.says("Ctrl-C").await {
                Some(story) => return Self { running, port, story },
                None => {
                    let said = running.end().await;
                    assert!(said.err.contains("cannot be listened on"), "{}", said.err);
                }
            }
        }
        panic!("no eight ports in a row are free")
    }

    fn url(&self, offset: u16, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port + offset)
    }

    async fn stop(self, signal: &str) -> Said {
        self.running.signal(signal).await;
        self.running.end().await
    }
}

#[tokio::test]
async fn it_is_ready_when_it_has_told_its_story() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path().to_str().unwrap(), &[]).await;
    for offset in 0..=5 {
        assert!(demo.story.contains(&demo.url(offset, "")), "{}", demo.story);
    }
    for citizen in citizens() {
        assert!(demo.story.contains(citizen.number) && demo.story.contains(citizen.story_th), "{}", demo.story);
    }
    for staff in personnel() {
        assert!(demo.story.contains(staff.mailbox), "{}", demo.story);
    }
    for step in 1..=5 {
        assert!(demo.story.contains(&format!("\n  {step}  ")), "step {step}: {}", demo.story);
    }
    for (offset, path, said) in [
        (0, "/health/ready", "ready"),
        (0, "/login", "สำหรับผู้ใช้งานที่ไม่เคยสมัครมาก่อน ลงทะเบียนคลิกที่นี่"),
        (1, "/", "MOC Account"),
        (2, "/", "MOC Account"),
        (3, "/", ""),
    ] {
        let page = reqwest::get(demo.url(offset, path)).await.unwrap();
        assert_eq!(page.status(), 200, "{offset}{path}");
        let text = visible(&page.text().await.unwrap());
        assert!(text.contains(said), "{offset}{path}: {text}");
    }
    let said = demo.stop("INT").await;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn commands_beside_it_speak_of_the_port_it_was_last_started_with() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    for _ in 0..2 {
        let demo = Demo::start(folder, &[]).await;
        let made = idp(&["admin", "create", "--demo", folder, "--json"]).await.json();
        let link = made["link"].as_str().unwrap();
        assert!(link.starts_with(&demo.url(0, "/")), "{link}");
        demo.stop("TERM").await;
        // Also when it rests.
        let made = idp(&["admin", "create", "--json", "--demo", folder]).await.json();
        assert!(made["link"].as_str().unwrap().starts_with(link.split_once("/staff").unwrap().0), "{made}");
    }
    std::fs::write(format!("{folder}/port"), "none").unwrap();
    let refusal = idp(&["client", "list", "--demo", folder]).await.refusal();
    assert!(refusal.contains("not a port") && refusal.contains("idp demo --data"), "{refusal}");
}

/// Text as it is read: without tags, which hold phrases together.
fn visible(html: &str) -> String {
    let document = scraper::Html::parse_document(html);
    document.root_element().text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn ctrl_c_ends_everything_and_frees_every_port() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path().to_str().unwrap(), &[]).await;
    let port = demo.port;
    // A connection that stays open and says nothing must not hold up the end.
    let _idle = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let said = demo.stop("INT").await;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    for offset in 0..7 {
        TcpListener::bind(("127.0.0.1", port + offset)).expect("the port is free again");
    }
}

#[tokio::test]
async fn a_busy_port_is_one_clear_line_and_no_file_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let port = free_ports(8);
    for offset in [0, 3, 5] {
        let _other = TcpListener::bind(("127.0.0.1", port + offset)).unwrap();
        let said = idp(&["demo", "--data", data.to_str().unwrap(), "--port", &port.to_string()]).await;
        let refusal = said.refusal();
        let busy = format!("127.0.0.1:{} cannot be listened on: ", port + offset);
        assert!(refusal.starts_with(&busy) && !refusal.contains('\n'), "{refusal}");
        assert!(refusal.contains("choose another"), "{refusal}");
        assert!(!data.exists());
    }
    let refusal = idp(&["demo", "--data", data.to_str().unwrap(), "--port", "65530"]).await.refusal();
    assert!(refusal.starts_with("--port: "), "{refusal}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "here before").unwrap();
    let below = file.join("data");
    // Nobody can make a folder in /proc, not even root.
    for data in [file.to_str().unwrap(), below.to_str().unwrap(), "/proc/idp-demo"] {
        let port = free_ports(8).to_string();
        let refusal = idp(&["demo", "--data", data, "--port", &port]).await.refusal();
        assert!(refusal.starts_with(&format!("the folder {data} cannot be used: ")), "{refusal}");
        assert!(refusal.ends_with("choose another with --data") && !refusal.contains('\n'), "{refusal}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "here before");
}

#[tokio::test]
async fn a_damaged_database_is_one_clear_line_and_fresh_starts_over() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    Demo::start(data, &[]).await.stop("INT").await;
    let database = folder.path().join("idp.sqlite3");
    std::fs::write(&database, "no database at all\n".repeat(1000)).unwrap();
    let port = free_ports(8).to_string();
    let refusal = idp(&["demo", "--data", data, "--port", &port]).await.refusal();
    assert!(!refusal.contains('\n'), "{refusal}");
    assert!(refusal.contains("idp.sqlite3") && refusal.contains("--fresh"), "{refusal}");
    let said = Demo::start(data, &["--fresh"]).await.stop("INT").await;
    assert_eq!(said.code, Some(0));
}

#[tokio::test]
async fn a_lost_key_file_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    Demo::start(data, &[]).await.stop("INT").await;
    std::fs::remove_file(folder.path().join("keys.toml")).unwrap();
    let port = free_ports(8).to_string();
    let refusal = idp(&["demo", "--data", data, "--port", &port]).await.refusal();
    assert!(!refusal.contains('\n'), "{refusal}");
    assert!(refusal.contains("--fresh"), "{refusal}");
}

#[tokio::test]
async fn its_key_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    Demo::start(folder.path().to_str().unwrap(), &[]).await.stop("TERM").await;
    let mode = std::fs::metadata(folder.path().join("keys.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
