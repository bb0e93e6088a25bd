//! S131: what a power cut may not undo. What SQLite's only writer is set to while it runs is asked
//! in `idp-store/src/engine`: no other connection can see it.

use crate::command::program::Trial;

#[tokio::test]
async fn s131_a_weaker_way_to_the_disk_keeps_the_program_from_serving() {
    let trial = Trial::new().await;
    let sound = trial.sound();
    for weaker in ["normal", "off", "NORMAL", "extra"] {
        trial.write(&sound.replace("[keys]", &format!("synchronous = \"{weaker}\"\n[keys]")));
        let said = trial.idp(&["serve"]).await;
        assert_eq!(said.code, Some(1), "{weaker}");
        assert!(said.err.contains("database.synchronous: "), "{}", said.err);
    }
    for hidden in ["synchronous=off", "journal_mode=delete"] {
        trial.write(&sound.replace("idp.sqlite3\"", &format!("idp.sqlite3?{hidden}\"")));
        let said = trial.idp(&["serve"]).await;
        assert_eq!(said.code, Some(1), "{hidden}");
        assert!(said.err.contains("database.url: "), "{}", said.err);
    }
    assert!(!trial.folder().join("idp.sqlite3").exists());
    trial.write(&sound);
    let running = trial.serve().await;
    // Bytes 18 and 19 of the file say that readers and writers use the write-ahead log.
    let file = std::fs::read(trial.path("idp.sqlite3")).unwrap();
    assert_eq!(file[18..20], [2, 2]);
    running.kill().await;
}
