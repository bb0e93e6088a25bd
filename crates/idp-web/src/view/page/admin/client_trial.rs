//! A trial sign-in to a client, step by step.

use askama::Template;

use crate::view::{Console, Shell, Text};

/// Each step with what was sent, what came back and what was checked; `POST …/try` begins another one.
#[derive(Template)]
#[template(path = "admin/client_trial.html")]
pub struct TrialPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// The client's name.
    pub name: String,
    /// The client's `client_id`.
    pub client_id: String,
    /// When it began.
    pub began: String,
    /// Whether every step was as it should be.
    pub passed: bool,
    /// Members cannot sign in to it yet.
    pub is_draft: bool,
    /// Whether another one can be begun.
    pub may_again: bool,
    /// The steps, in the order of a sign-in.
    pub steps: Vec<TrialStep>,
    /// What the trial did otherwise than the client.
    pub apart: Vec<Text>,
}

/// A step.
#[derive(Clone, Debug)]
pub struct TrialStep {
    /// Its name.
    pub title: Text,
    /// What happens in it.
    pub about: Text,
    /// `passed`, `failed` or `skipped`.
    pub outcome: &'static str,
    /// The same in words.
    pub outcome_words: Text,
    /// What was sent, without what is secret.
    pub request: String,
    /// What came back, without what is secret.
    pub answer: String,
    /// What was checked.
    pub checks: Vec<TrialCheck>,
    /// Why it failed, and what to do.
    pub why: Option<Text>,
}

/// A check.
#[derive(Clone, Debug)]
pub struct TrialCheck {
    /// What is checked.
    pub words: Text,
    /// `passed`, `failed` or `skipped`.
    pub outcome: &'static str,
    /// The same in words.
    pub outcome_words: Text,
    /// The value that was judged.
    pub value: String,
}
