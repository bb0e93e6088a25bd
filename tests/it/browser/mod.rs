//! The pages in a real headless Chromium, over the real demonstration: HTTP, SMTP, registries and services on loopback.
//!
//! `stage` starts all of it and acts for the person; `look` checks a page and takes its picture; the others are walks. `samples` looks at the pages that no walk reaches.
//! With `IDP_SCREENSHOTS` set to a folder, every page that is visited is kept there as a picture, in the language of the
//! walk and at both widths: `{language}-{width}/{walk}-{number}-{page}.png`.

mod about;
mod changes;
mod dead_ends;
mod endings;
mod front_channel;
mod look;
mod lost_telephone;
mod officers;
mod onward;
mod people;
mod recovery;
mod samples;
mod service_life;
mod stage;
mod stopped;
mod story;
mod strong_sign_in;
mod upstream;
mod without_scripts;
