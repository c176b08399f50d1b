//! Opening a link in the person's browser: an address of the web, and never by way of a shell.

use std::process::{Command, Stdio};

use crate::cockpit::core::Message;
use crate::incident::{Notice, Trouble, Untrusted};

/// The longest link that is opened, in bytes.
const LONGEST: usize = 2048;

/// Opens a link with a program, and says what came of it.
pub(super) fn open(link: &str, program: Option<&str>) -> Message {
    let shown = Untrusted::from(link).line();
    if !is_web(link) {
        let what = format!("this is not opened: {shown}");
        return Message::Warned(Notice::new(Trouble::Usage, what).hint("only http and https are"));
    }
    let Some(program) = program else {
        let what = format!("no browser is here: {shown}");
        return Message::Warned(
            Notice::new(Trouble::Usage, what).hint("copy it with the mouse, or set $BROWSER"),
        );
    };
    let started = Command::new(program)
        .arg(link)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match started {
        Ok(child) => {
            // Somebody has to take note of its end, and nobody waits for it.
            std::thread::spawn(move || drop({ child }.wait()));
            Message::Mentioned(Notice::new(Trouble::Usage, format!("opened {shown}")))
        }
        Err(error) => {
            let what = format!("{program} cannot be started");
            Message::Warned(Notice::new(Trouble::Failed, what).detail(error.to_string()))
        }
    }
}

/// Whether this is an address of the web, and nothing that a program could take for an option.
fn is_web(link: &str) -> bool {
    let is_scheme = link.starts_with("https://") || link.starts_with("http://");
    is_scheme && link.len() <= LONGEST && link.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_is_opened() {
        for link in ["file:///etc/passwd", "https://x y", "--help", "https://x/\x1b[2J", "ssh://x"]
        {
            assert!(matches!(open(link, Some("false")), Message::Warned(_)), "{link}");
        }
        assert!(matches!(open("https://x.example/$(id)", Some("true")), Message::Mentioned(_)));
    }

    #[test]
    fn a_browser_that_is_not_there_is_told() {
        assert!(matches!(open("https://x.example", None), Message::Warned(_)));
        assert!(matches!(open("https://x.example", Some("/no/such/program")), Message::Warned(_)));
    }
}
