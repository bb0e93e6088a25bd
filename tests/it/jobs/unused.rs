//! Services that nobody uses are reported at night, to those who look after them.

use chrono::TimeDelta;
use idp_core::admin::{Department, Role};
use idp_tests::{App, Letter, Member};
use idp_web::jobs::report_unused;

async fn official(app: &App, name: &str, role: Role, department: Option<&str>) -> Member {
    let member = app.insert_permanent(name).await;
    app.give_role(&member, role, department).await;
    member
}

/// The services of the reports to a member.
async fn told(app: &App, member: &Member) -> Vec<Vec<String>> {
    let letters = app.letters_to(&member.email).await;
    let services = letters.into_iter().filter_map(|letter| match letter {
        Letter::UnusedServices { services, .. } => Some(services),
        _ => None,
    });
    services.collect()
}

#[tokio::test]
async fn unused_services_are_told_at_night_once_to_those_who_look_after_them() {
    let app = App::start().await;
    let root = official(&app, "root", Role::SuperAdmin, None).await;
    let dit = official(&app, "dit", Role::ClientAdmin, Some("dit")).await;
    let dft = official(&app, "dft", Role::ClientAdmin, Some("dft")).await;
    let auditor = official(&app, "auditor", Role::Auditor, None).await;
    let own = |draft: &mut idp_core::client::ClientDraft| {
        draft.department = Some(Department::parse("dit").unwrap());
        draft.name.th = "ของกรม".to_owned();
    };
    app.client("dit-service").with(own).await;
    // Ten in the morning in Bangkok.
    app.advance(TimeDelta::days(91));
    assert_eq!(report_unused(app.provider()).await.unwrap(), 0, "not by day");
    app.advance(TimeDelta::hours(16));
    report_unused(app.provider()).await.unwrap();
    assert_eq!(told(&app, &root).await, [["ของกรม"]]);
    assert_eq!(told(&app, &dit).await, [["ของกรม"]]);
    assert!(told(&app, &dft).await.is_empty() && told(&app, &auditor).await.is_empty());
    // The same list is no news in the next night; another one is.
    app.client("another").with(|draft| draft.name.th = "อีกบริการ".to_owned()).await;
    app.advance(TimeDelta::days(1));
    report_unused(app.provider()).await.unwrap();
    assert_eq!(told(&app, &root).await.len(), 1);
    app.advance(TimeDelta::days(90));
    report_unused(app.provider()).await.unwrap();
    assert_eq!(told(&app, &root).await.len(), 2);
    assert_eq!(told(&app, &dit).await.len(), 1, "nothing new in their department");
}
