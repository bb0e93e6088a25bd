//! Proof of work: whoever keeps guessing pays for each further guess, with a little computing or with a little waiting.
//!
//! A task is made and judged without keeping anything: it carries its moment and a MAC that binds it to a browser and a
//! form. That it is used once is for the caller to settle. Whoever has no scripts waits instead: a task answers itself
//! with age.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::chance::Chance;
use crate::seal::mac;
use crate::secret::{base64url, from_base64url, same_bytes};

/// A task may be answered for so long.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// Bytes of moment, chance and MAC.
const PARTS: [usize; 3] = [8, 16, 16];
/// The longest answer: more digits than any count of tries has.
const LONGEST_ANSWER: usize = 20;

/// How much is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Zero bits at the beginning of the hash; each more doubles the computing.
    pub bits: u32,
    /// Or so long a wait.
    pub wait: TimeDelta,
}

/// What an answer is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paid {
    /// It computed.
    Computed,
    /// It waited.
    Waited,
    /// Neither, yet: so long is left to wait.
    NotYet(TimeDelta),
    /// The task is none of ours, another browser's, another form's, or too old.
    Void,
}

/// Makes a task for whoever `bound` names.
pub fn task(key: &[u8; 32], bound: &[&[u8]], chance: &dyn Chance, now: DateTime<Utc>) -> String {
    let mut bytes = [0; 40];
    bytes[..8].copy_from_slice(&now.timestamp_millis().to_be_bytes());
    chance.fill(&mut bytes[8..24]);
    let seal = sealed(key, bound, &bytes[..24]);
    bytes[24..].copy_from_slice(&seal);
    base64url(&bytes)
}

/// Judges the answer to a task.
pub fn judge(key: &[u8; 32], bound: &[&[u8]], task: &str, answer: &str, price: Price, now: DateTime<Utc>) -> Paid {
    let Some(age) = age(key, bound, task, now) else { return Paid::Void };
    if solves(task, answer, price.bits) {
        return Paid::Computed;
    }
    match price.wait - age {
        left if left > TimeDelta::zero() => Paid::NotYet(left),
        _ => Paid::Waited,
    }
}

/// How old a task of ours is; `None` for anything else.
fn age(key: &[u8; 32], bound: &[&[u8]], task: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let bytes = from_base64url(task).filter(|bytes| bytes.len() == PARTS.iter().sum::<usize>())?;
    // Written anew it is the same, so that one task has one name.
    if base64url(&bytes) != task || !same_bytes(&bytes[24..], &sealed(key, bound, &bytes[..24])) {
        return None;
    }
    let made = DateTime::from_timestamp_millis(i64::from_be_bytes(bytes[..8].try_into().ok()?))?;
    let age = now - made;
    (TimeDelta::zero() <= age && age < LIFETIME).then_some(age)
}

fn sealed(key: &[u8; 32], bound: &[&[u8]], head: &[u8]) -> [u8; 16] {
    let parts: Vec<&[u8]> = bound.iter().copied().chain([head]).collect();
    let whole = mac(key, &parts);
    let mut seal = [0; 16];
    seal.copy_from_slice(&whole[..16]);
    seal
}

/// Whether SHA-256 of task, colon and answer begins with so many zero bits.
fn solves(task: &str, answer: &str, bits: u32) -> bool {
    if answer.is_empty() || answer.len() > LONGEST_ANSWER || !answer.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let hash = Sha256::digest(format!("{task}:{answer}"));
    let mut zeros = 0;
    for byte in hash {
        zeros += byte.leading_zeros();
        if byte != 0 {
            break;
        }
    }
    zeros >= bits
}

/// Finds an answer, as a page's script does; for tests and tools.
pub fn solve(task: &str, bits: u32) -> String {
    (0_u64..).map(|number| number.to_string()).find(|answer| solves(task, answer, bits)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Still;

    impl Chance for Still {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    const KEY: [u8; 32] = [1; 32];
    const PRICE: Price = Price { bits: 8, wait: TimeDelta::seconds(30) };

    fn start() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(1)
    }

    #[test]
    fn an_answer_computes_or_waits() {
        let task = task(&KEY, &[b"sign-in", b"browser"], &Still, start());
        let check = |answer: &str, seconds: i64, paid: Paid| {
            let now = start() + TimeDelta::seconds(seconds);
            assert_eq!(judge(&KEY, &[b"sign-in", b"browser"], &task, answer, PRICE, now), paid, "{answer} {seconds}");
        };
        let right = solve(&task, PRICE.bits);
        check(&right, 0, Paid::Computed);
        check(&right, 15 * 60 - 1, Paid::Computed);
        check(&right, 15 * 60, Paid::Void);
        check(&right, -1, Paid::Void);
        check("", 0, Paid::NotYet(TimeDelta::seconds(30)));
        check("", 29, Paid::NotYet(TimeDelta::seconds(1)));
        check("", 30, Paid::Waited);
        check("x", 31, Paid::Waited);
        for odd in ["-1", "1e3", " 1", "١", "000000000000000000000", &right.repeat(30)] {
            check(odd, 0, Paid::NotYet(TimeDelta::seconds(30)));
        }
    }

    #[test]
    fn an_easier_answer_is_not_enough() {
        let task = task(&KEY, &[b"a"], &Still, start());
        let easy = (0_u32..)
            .map(|number| number.to_string())
            .find(|answer| solves(&task, answer, 4) && !solves(&task, answer, 8));
        let easy = easy.unwrap();
        assert_eq!(judge(&KEY, &[b"a"], &task, &easy, PRICE, start()), Paid::NotYet(PRICE.wait));
        let cheap = Price { bits: 4, ..PRICE };
        assert_eq!(judge(&KEY, &[b"a"], &task, &easy, cheap, start()), Paid::Computed);
    }

    #[test]
    fn a_task_of_another_browser_form_or_key_is_void() {
        let task = task(&KEY, &[b"sign-in", b"browser"], &Still, start());
        let right = solve(&task, PRICE.bits);
        let check = |key: &[u8; 32], bound: &[&[u8]], task: &str| {
            assert_eq!(judge(key, bound, task, &right, PRICE, start()), Paid::Void, "{task}");
        };
        check(&[2; 32], &[b"sign-in", b"browser"], &task);
        check(&KEY, &[b"sign-in", b"another"], &task);
        check(&KEY, &[b"recover", b"browser"], &task);
        check(&KEY, &[b"sign-inb", b"rowser"], &task);
        for task in ["", "AAAA", &task[1..], &format!("{task}="), &task.replace(&task[..1], "B")] {
            check(&KEY, &[b"sign-in", b"browser"], task);
        }
    }
}
