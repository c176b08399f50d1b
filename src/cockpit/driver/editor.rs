//! The person's own editor: a text goes out in a file and comes back, while everything else goes on.

use std::fs;
use std::io::Write as _;

use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

use crate::incident::{Notice, Trouble};

/// An editor that has the terminal.
#[derive(Debug)]
pub(super) struct Editing {
    child: Child,
    file: NamedTempFile,
    command: String,
}

/// Lets the person edit a text, while the terminal is theirs.
///
/// # Errors
/// There is no editor, or it cannot be started: then the text stays as it was.
pub(super) fn begin(editor: Option<&str>, text: &str) -> Result<Editing, Notice> {
    let Some(editor) = editor else {
        return Err(Notice::new(Trouble::Usage, "no editor is set").hint("set $VISUAL or $EDITOR"));
    };
    let file = written(text).map_err(|error| failed(error.to_string()))?;
    // The editor is a command line of the person's own, with arguments: `code --wait`.
    let child = Command::new("sh")
        .args(["-c", &format!("{editor} \"$1\""), "sh"])
        .arg(file.path())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    Ok(Editing { child, file, command: editor.to_owned() })
}

impl Editing {
    /// Waits for the editor to end and reads what it wrote; waiting may be given up at any time.
    ///
    /// # Errors
    /// It says that it failed: then the text stays as it was.
    pub(super) async fn ended(editing: &mut Option<Self>) -> Result<String, Notice> {
        let Some(Self { child, file, command }) = editing else {
            return std::future::pending().await;
        };
        let status = child.wait().await.map_err(|error| failed(error.to_string()))?;
        if !status.success() {
            return Err(failed(format!("{command} ended with {status}")));
        }
        fs::read_to_string(file.path()).map_err(|error| failed(error.to_string()))
    }
}

fn written(text: &str) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().suffix(".md").tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

fn failed(detail: String) -> Notice {
    let notice = Notice::new(Trouble::Failed, "the editor gave nothing back");
    notice.hint("the text is as it was").detail(detail)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn edit(editor: Option<&str>, text: &str) -> Result<String, Notice> {
        Editing::ended(&mut Some(begin(editor, text)?)).await
    }

    #[tokio::test]
    async fn what_the_editor_writes_comes_back() {
        assert_eq!(edit(Some("printf more >>"), "one ").await.unwrap(), "one more");
    }

    #[tokio::test]
    async fn an_editor_that_fails_changes_nothing() {
        let notice = edit(Some("false"), "one").await.unwrap_err();
        assert!(notice.detail.unwrap().contains("false ended with"));
        assert!(edit(None, "one").await.unwrap_err().hint.is_some());
    }
}
