//! What the names of the crowd are made of.

#[rustfmt::skip]
pub(super) const THAI: [&str; 40] = [
    "สม", "วิ", "ประ", "ชาญ", "พร", "กาน", "สุ", "ทอง", "แก้ว", "นา",
    "ศรี", "วงศ์", "รัตน์", "บุญ", "มา", "ลี", "ธร", "ชัย", "เดช", "พงศ์",
    "กิต", "ติ", "จิต", "ดา", "วรร", "ณา", "ปัญ", "ญา", "สิริ", "อร",
    "นพ", "ภา", "เพ็ญ", "จันทร์", "มณี", "วัฒ", "นะ", "ไพ", "โร", "จน์",
];
pub(super) const LATIN: [&str; 20] = [
    "som", "wi", "pra", "chan", "phon", "kan", "su", "thong", "kaeo", "na", "si", "wong", "rat", "bun", "ma", "li",
    "thon", "chai", "det", "phong",
];

/// A name of `parts` syllables that `n` decides.
pub(super) fn name(table: &[&str], mut n: u64, parts: usize) -> String {
    let mut text = String::new();
    for _ in 0..parts {
        let at = usize::try_from(n % table.len() as u64).unwrap_or_default();
        text.push_str(table[at]);
        n /= table.len() as u64;
    }
    text
}
