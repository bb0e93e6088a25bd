//! An example for every command, below its `--help`. A test reads each of them with the command line's own rules, so that
//! none teaches what is refused.

use clap::Command;

/// Commands as they are typed, each with lines to copy.
const EXAMPLES: &[(&str, &str)] = &[
    ("demo", "idp demo --data data/demo --port 8080"),
    ("serve", "idp serve --config /etc/moc-account/config.toml"),
    (
        "check",
        "idp check --config /etc/moc-account/config.toml\n\
         idp check --json                                  [{\"setting\", \"severity\", \"what\", \"what_to_do\"}]",
    ),
    ("migrate", "idp migrate --config /etc/moc-account/config.toml"),
    (
        "client create",
        "idp client create --name-th 'ระบบกิจกรรม' --name-en 'Activities' --department dit \
         --owner-email somchai@moc.example --purpose-th 'ลงทะเบียนกิจกรรม' --purpose-en 'register for activities' \
         --redirect-uri https://service.example/callback\n\
         idp client create --demo data/demo --id events --name-th 'ระบบกิจกรรม' --name-en 'Activities' \
         --owner-th 'กรมตัวอย่าง' --owner-en 'Sample Department' --purpose-th 'ลงทะเบียนกิจกรรม' \
         --purpose-en 'register for activities' --redirect-uri http://localhost:3000/callback --json",
    ),
    ("client list", "idp client list\nidp client list --json"),
    ("client show", "idp client show events"),
    (
        "client registration-token create",
        "idp client registration-token create --redirect-host service.example --owner-th 'กรมตัวอย่าง' \
         --owner-en 'Sample Department' --purpose-th 'ลงทะเบียนกิจกรรม' --purpose-en 'register for activities' \
         --uses 1 --hours 24",
    ),
    ("client registration-token list", "idp client registration-token list --json"),
    ("client registration-token revoke", "idp client registration-token revoke 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e"),
    ("client notices", "idp client notices\nidp client notices events --json"),
    ("client legacy", "idp client legacy events --until 2027-03-31\nidp client legacy events --off"),
    ("client logo", "idp client logo events logo.png\nidp client logo events --off"),
    ("client export", "idp client export > clients.toml\nidp client export events permits > two.toml"),
    (
        "client import",
        "idp client export > clients.toml           edit, have it reviewed\n\
         idp client import --dry-run clients.toml   - and + lines: what would change; exit code 5 if anything would\n\
         idp client import clients.toml             prints the secret of each new client, once; new clients begin as drafts",
    ),
    ("client revoke-secret", "idp client revoke-secret events"),
    ("client rotate-secret", "idp client rotate-secret events --json"),
    ("client disable", "idp client disable events"),
    ("client enable", "idp client enable events"),
    (
        "admin create",
        "idp admin create                                  prints a link, good once and for 24 hours\n\
         idp admin create --email somchai@moc.example      makes the owner of this account a super admin at once",
    ),
    (
        "admin grant",
        "idp admin grant --email suda@moc.example --role client-admin --department ditp\n\
         idp admin grant --client reports --role auditor   a program that calls the API (docs/api.md)",
    ),
    ("admin revoke", "idp admin revoke --email suda@moc.example --role client-admin --department ditp"),
    ("admin list", "idp admin list\nidp admin list --all --json"),
    ("audit verify", "idp audit verify                                  0: every seal fits; 6: something was changed"),
    (
        "audit export",
        "idp audit export --from 2026-11-01T00:00:00+07:00 --action client. --format csv > audit.csv\n\
         idp audit export --client events --json > audit.json",
    ),
    (
        "member find",
        "idp member find 'สมชาย ใจดี'\nidp member find somchai@mail.example --json\nidp member find --list suspended\n\
         idp member find --client events --limit 200",
    ),
    ("member find-number", "idp member find-number --reason 'case 123/2026' < number.txt"),
    ("member show", "idp member show 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e --reason 'case 123/2026'"),
    (
        "member suspend",
        "idp member suspend 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e --reason 'case 123/2026, stolen telephone'",
    ),
    (
        "member restore",
        "idp member restore 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e --reason 'case 123/2026'\n\
         idp member restore 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e --reason 'case 123/2026' --new-factors remove",
    ),
    ("member end-sessions", "idp member end-sessions 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e --reason 'case 123/2026'"),
    ("member recover", "idp member recover 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e --reason 'case 123/2026'"),
    ("member send-again", "idp member send-again 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e --reason 'case 123/2026'"),
    ("member extend", "idp member extend 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e --reason 'case 123/2026' --days 14"),
    (
        "member remove-shown",
        "idp member remove-shown 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e --reason 'case 123/2026, an advertisement' \
         --part picture --part nickname",
    ),
    ("keys create", "idp keys create /etc/moc-account/keys.toml"),
    ("keys list", "idp keys list --json"),
    ("keys add", "idp keys add EdDSA"),
    ("keys rotate", "idp keys rotate\nidp keys rotate --algorithm ES256"),
    ("keys retire", "idp keys retire 5Zc1uW3oQyGqJ0nT --now"),
    (
        "mail preview",
        "idp mail preview --to preview\nidp mail preview --list\nidp mail preview --show welcome --lang en",
    ),
];

/// The command line with its examples.
pub(super) fn shown(mut line: Command) -> Command {
    for (path, examples) in EXAMPLES {
        line = below(line, path, examples);
    }
    line
}

fn below(command: Command, path: &str, examples: &str) -> Command {
    let (name, rest) = path.split_once(' ').unwrap_or((path, ""));
    if command.find_subcommand(name).is_none() {
        return command;
    }
    command.mut_subcommand(name, |sub| match rest {
        "" => {
            let more = sub.get_after_help().map(|more| format!("{more}\n\n")).unwrap_or_default();
            let word = if examples.contains('\n') { "Examples" } else { "Example" };
            let lines: Vec<String> = examples.lines().map(|line| format!("  {line}")).collect();
            sub.after_help(format!("{more}{word}:\n{}", lines.join("\n")))
        }
        rest => below(sub, rest, examples),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{commands, tree};
    use super::*;

    /// Words as a shell takes them apart: quotes hold together, a redirection or a remark behind three spaces ends the line.
    fn words(line: &str) -> Vec<String> {
        let line = line.split("   ").next().unwrap_or_default();
        let line = line.split(['>', '<']).next().unwrap_or_default();
        let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
        for letter in line.chars() {
            match letter {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(std::mem::take(&mut word)),
                other => word.push(other),
            }
        }
        words.push(word);
        words.into_iter().filter(|word| !word.is_empty()).collect()
    }

    #[test]
    fn every_command_has_examples_and_no_other() {
        let named: Vec<&str> = EXAMPLES.iter().map(|(path, _)| *path).collect();
        let mut known = commands();
        known.sort_unstable();
        let mut taught = named.clone();
        taught.sort_unstable();
        assert_eq!(known, taught);
    }

    #[test]
    fn every_example_is_a_command_line() {
        for (path, examples) in EXAMPLES {
            for line in examples.lines() {
                let words = words(line);
                // What is shown first may lead up to it; the last line is the command itself.
                let own = examples.lines().last() == Some(line);
                let length = path.split(' ').count();
                assert!(!own || words[1..=length].join(" ") == *path, "{line}");
                if let Err(error) = tree().try_get_matches_from(&words) {
                    panic!("{line}: {error}");
                }
            }
        }
    }
}
