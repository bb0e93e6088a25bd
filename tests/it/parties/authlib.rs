//! Authlib from PyPI: the service of `docs/integrate/authlib.md` as it stands there, on Flask.

use idp_tests::{OpenAir, Service, documented};

use super::service::{promises, refused, register};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_of_the_authlib_page_keeps_its_promises() {
    let air = OpenAir::start().await;
    let port = Service::reserve();
    let base = format!("http://127.0.0.1:{port}");
    let rp = register(&air.app, "authlib", &base, "/callback").await;
    let settings = [
        ("MOC_ISSUER", air.app.issuer()),
        ("MOC_CLIENT_ID", rp.id()),
        ("MOC_CLIENT_SECRET", rp.secret.reveal()),
        ("BASE_URL", &base),
        ("SECRET_KEY", "only for this test"),
    ];
    let service = Service::python(port, &documented("authlib.md", "# app.py"), &settings).await;
    promises(&air.app, &base).await;
    let page = refused(&air.app, &base).await;
    assert_eq!((page.status, page.body.trim()), (403, "\"access_denied\""), "{page:?}");
    assert!(!service.log().contains("Traceback"), "{}", service.log());
}
