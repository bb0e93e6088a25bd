//! Which service it is: two invented ones, of departments whose people would plausibly run them.

use crate::view::Lang;

/// One demo service. The client secret keeps it from having `Debug`.
pub struct DemoService {
    /// Thai name.
    pub name_th: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// The department that runs it, in Thai.
    pub department_th: &'static str,
    /// The department that runs it, in English.
    pub department_en: &'static str,
    /// Its short name, drawn in the emblem.
    pub short: &'static str,
    /// One sentence about what it is for, in Thai.
    pub purpose_th: &'static str,
    /// One sentence about what it is for, in English.
    pub purpose_en: &'static str,
    /// What a person can do there.
    pub offers: &'static [Offer],
    /// The address the browser knows it by, without a slash at the end: `http://localhost:8081`.
    pub own_url: String,
    /// The provider's issuer, exactly as in its metadata.
    pub issuer: String,
    /// How the service proves itself to the provider.
    pub credentials: Credentials,
    /// Takes permanent members only.
    pub permanent_only: bool,
    /// CSS colour with a contrast of at least 7 to white.
    pub accent: &'static str,
    /// The other pages of the demo, linked at the foot.
    pub neighbours: Vec<Neighbour>,
}

/// What the provider gave the service when it was registered.
#[derive(Clone)]
pub struct Credentials {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`, used by `client_secret_basic`.
    pub client_secret: String,
}

/// Another page of the demo.
#[derive(Clone)]
pub struct Neighbour {
    /// Its name in Thai.
    pub name_th: String,
    /// Its name in English.
    pub name_en: String,
    /// Its address.
    pub url: String,
}

/// One thing a person can do at the service.
pub struct Offer {
    /// Its name in Thai.
    pub name_th: &'static str,
    /// Its name in English.
    pub name_en: &'static str,
    /// A sentence about it in Thai.
    pub about_th: &'static str,
    /// A sentence about it in English.
    pub about_en: &'static str,
    /// Open to members with the badge only.
    pub needs_badge: bool,
}

impl DemoService {
    /// Courses and events of the Department of International Trade Promotion: any member.
    pub fn academy(own_url: &str, issuer: &str, credentials: Credentials) -> DemoService {
        DemoService {
            name_th: "DITP e-Academy และกิจกรรม DITP",
            name_en: "DITP e-Academy and events",
            department_th: "กรมส่งเสริมการค้าระหว่างประเทศ",
            department_en: "Department of International Trade Promotion",
            short: "DITP",
            purpose_th: "เรียนรู้การค้าระหว่างประเทศและสมัครเข้าร่วมกิจกรรมของกรม โดยไม่มีค่าใช้จ่าย",
            purpose_en: "Learn international trade and join the department's events, free of charge",
            offers: ACADEMY,
            own_url: trimmed(own_url),
            issuer: issuer.to_owned(),
            credentials,
            permanent_only: false,
            accent: "#6a1b5d",
            neighbours: Vec::new(),
        }
    }

    /// Export and import certificates of the Department of Foreign Trade: permanent members only.
    pub fn licences(own_url: &str, issuer: &str, credentials: Credentials) -> DemoService {
        DemoService {
            name_th: "ระบบออกหนังสือสำคัญการส่งออก-นำเข้า",
            name_en: "Export and import certificates",
            department_th: "กรมการค้าต่างประเทศ",
            department_en: "Department of Foreign Trade",
            short: "DFT",
            purpose_th: "ยื่นคำขอและติดตามหนังสือสำคัญการส่งออก-นำเข้าสินค้า สำหรับสมาชิกที่ยืนยันตัวตนแล้ว",
            purpose_en: "Apply for export and import certificates and follow them, for members who have verified their identity",
            offers: LICENCES,
            own_url: trimmed(own_url),
            issuer: issuer.to_owned(),
            credentials,
            permanent_only: true,
            accent: "#0b5563",
            neighbours: Vec::new(),
        }
    }

    /// The redirect URI to register.
    pub fn redirect_uri(&self) -> String {
        format!("{}{}", self.own_url, super::CALLBACK_PATH)
    }

    /// The post-logout redirect URI to register.
    pub fn post_logout_redirect_uri(&self) -> String {
        format!("{}{}", self.own_url, super::SIGNED_OUT_PATH)
    }

    pub(super) fn name(&self, lang: &Lang) -> &'static str {
        either(lang, self.name_th, self.name_en)
    }

    pub(super) fn department(&self, lang: &Lang) -> &'static str {
        either(lang, self.department_th, self.department_en)
    }

    pub(super) fn purpose(&self, lang: &Lang) -> &'static str {
        either(lang, self.purpose_th, self.purpose_en)
    }

    /// Cookies do not know ports, so services on one host would overwrite each other's.
    pub(super) fn cookie_name(&self) -> String {
        let port = self.own_url.rsplit_once(':').map_or("", |(_, port)| port);
        let number: String = port.chars().filter(char::is_ascii_digit).collect();
        if self.is_https() { format!("__Host-demo_{number}") } else { format!("demo_{number}") }
    }

    pub(super) fn cookie(&self, visit: &str) -> String {
        let secure = if self.is_https() { "; Secure" } else { "" };
        format!("{}={visit}; Path=/; HttpOnly; SameSite=Lax{secure}", self.cookie_name())
    }

    fn is_https(&self) -> bool {
        self.own_url.starts_with("https://")
    }
}

impl Offer {
    pub(super) fn name(&self, lang: &Lang) -> &'static str {
        either(lang, self.name_th, self.name_en)
    }

    pub(super) fn about(&self, lang: &Lang) -> &'static str {
        either(lang, self.about_th, self.about_en)
    }
}

impl Neighbour {
    pub(super) fn name(&self, lang: &Lang) -> &str {
        match lang {
            Lang::Th => &self.name_th,
            Lang::En => &self.name_en,
        }
    }
}

fn either(lang: &Lang, thai: &'static str, english: &'static str) -> &'static str {
    match lang {
        Lang::Th => thai,
        Lang::En => english,
    }
}

fn trimmed(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

const ACADEMY: &[Offer] = &[
    Offer {
        name_th: "หลักสูตรผู้ส่งออกมือใหม่",
        name_en: "First steps in export",
        about_th: "บทเรียนออนไลน์ 12 บท เรียนได้ตามเวลาที่ท่านสะดวก",
        about_en: "Twelve online lessons, at your own pace",
        needs_badge: false,
    },
    Offer {
        name_th: "สัมมนาการค้าออนไลน์ข้ามพรมแดน",
        name_en: "Seminar on cross-border online trade",
        about_th: "ลงทะเบียนเข้าร่วมกิจกรรมและรับเอกสารประกอบล่วงหน้า",
        about_en: "Book a place and get the papers in advance",
        needs_badge: false,
    },
    Offer {
        name_th: "วุฒิบัตรอิเล็กทรอนิกส์",
        name_en: "Electronic certificate",
        about_th: "ออกวุฒิบัตรในชื่อของท่านเมื่อเรียนจบหลักสูตร",
        about_en: "A certificate in your name when you finish a course",
        needs_badge: true,
    },
];

const LICENCES: &[Offer] = &[
    Offer {
        name_th: "หนังสือรับรองถิ่นกำเนิดสินค้า",
        name_en: "Certificate of origin",
        about_th: "ยื่นคำขอแบบ Form D และแบบอื่นตามความตกลงการค้าเสรี",
        about_en: "Apply for Form D and the forms of other free trade agreements",
        needs_badge: true,
    },
    Offer {
        name_th: "ใบอนุญาตส่งออกและนำเข้า",
        name_en: "Export and import licences",
        about_th: "ยื่นคำขอสำหรับสินค้าที่ต้องขออนุญาต และตรวจสอบผลการพิจารณา",
        about_en: "Apply for goods that need a licence and see the decision",
        needs_badge: true,
    },
    Offer {
        name_th: "ติดตามคำขอ",
        name_en: "Follow your applications",
        about_th: "ดูสถานะ ประวัติ และเอกสารของทุกคำขอในที่เดียว",
        about_en: "Status, history and papers of every application in one place",
        needs_badge: true,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn service(own_url: &str) -> DemoService {
        let credentials = Credentials { client_id: "a".into(), client_secret: "b".into() };
        DemoService::academy(own_url, "http://localhost:8080", credentials)
    }

    #[test]
    fn each_port_has_its_own_cookie() {
        let check = |own_url, name: &str| assert_eq!(service(own_url).cookie_name(), name);
        check("http://localhost:8081", "demo_8081");
        check("http://localhost:8082/", "demo_8082");
        check("https://academy.example:8443", "__Host-demo_8443");
    }

    #[test]
    fn the_addresses_to_register_are_below_its_own() {
        let service = service("http://localhost:8081/");
        assert_eq!(service.redirect_uri(), "http://localhost:8081/callback");
        assert_eq!(service.post_logout_redirect_uri(), "http://localhost:8081/signed-out");
    }
}
