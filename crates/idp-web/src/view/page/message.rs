//! Something was done, or is so, and what comes next.

use askama::Template;

use crate::view::{Action, Shell, Text};

/// A heading, a few sentences, next steps.
#[derive(Template)]
#[template(path = "page/message.html")]
pub struct MessagePage {
    /// What all pages share.
    pub shell: Shell,
    /// Id of the element that holds the message, such as `signed-out`, for those who drive a browser.
    pub id: &'static str,
    /// The sign above the heading.
    pub sign: Sign,
    /// Heading.
    pub title: Text,
    /// Sentences, each its own paragraph.
    pub body: Vec<Text>,
    /// Next steps.
    pub actions: Vec<Action>,
}

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// What was asked for is done.
    Done,
    /// Something to know.
    Notice,
}
