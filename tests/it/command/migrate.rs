//! `idp migrate`

use super::program::Trial;

#[tokio::test]
async fn a_database_is_brought_up_to_date_from_nothing_and_again() {
    let trial = Trial::new().await;
    for _ in 0..2 {
        assert_eq!(trial.idp(&["migrate"]).await.well(), "the database is up to date\n");
    }
    assert!(trial.folder().join("idp.sqlite3").is_file());
}

#[tokio::test]
async fn several_that_migrate_at_once_do_not_disturb_each_other() {
    let trial = Trial::new().await;
    let arguments = ["migrate"];
    let (one, two, three) = tokio::join!(trial.idp(&arguments), trial.idp(&arguments), trial.idp(&arguments));
    for said in [one, two, three] {
        assert_eq!(said.well(), "the database is up to date\n");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_one_clear_line() {
    let trial = Trial::new().await;
    let garbage = "this is no database\n".repeat(500);
    std::fs::write(trial.folder().join("idp.sqlite3"), &garbage).unwrap();
    let refusal = trial.idp(&["migrate"]).await.refusal();
    assert!(!refusal.contains('\n'), "{refusal}");
    assert!(refusal.contains("idp.sqlite3") || refusal.contains("database"), "{refusal}");
    assert_eq!(std::fs::read_to_string(trial.folder().join("idp.sqlite3")).unwrap(), garbage, "it was left alone");
}
