//! The real binary in a real terminal: it draws, and however it ends, it gives the terminal back.

use std::io::Write as _;

use rustix::process::Signal;
use wheelhouse::cockpit::terminal::{Pointer, Screen, watch_panics};
use wheelhouse::settings::Environment;

use super::support::pty::Pty;

/// The cockpit with nothing recorded yet, drawn and waiting.
fn opened() -> Pty {
    let pty = Pty::wheelhouse(&[]);
    pty.wait_for_text("No incident.");
    pty
}

#[test]
fn quitting_gives_the_terminal_back() {
    let pty = opened();
    pty.send("q");
    assert_eq!(pty.exit().exit_code(), 0);
    pty.must_be_given_back();
}

#[test]
fn two_interrupts_typed_leave_it_too() {
    let pty = opened();
    pty.send("\u{3}\u{3}");
    assert_eq!(pty.exit().exit_code(), 0);
    pty.must_be_given_back();
}

#[test]
fn each_signal_gives_the_terminal_back_and_ends_with_its_code() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let pty = opened();
        pty.signal(signal);
        assert_eq!(pty.exit().exit_code(), code, "{signal:?}");
        pty.must_be_given_back();
    }
}

#[test]
fn it_follows_the_size_of_the_terminal_down_to_nearly_nothing() {
    let pty = opened();
    for (columns, rows) in [(200, 60), (80, 24), (20, 5), (1, 1), (120, 40)] {
        pty.resize(columns, rows);
    }
    pty.wait_for("the whole screen in use", |screen| screen.contents().lines().count() >= 39);
    pty.send("q");
    assert_eq!(pty.exit().exit_code(), 0);
    pty.must_be_given_back();
}

/// Every colour that a program set: the parameters of its SGR sequences.
fn colours(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let sequences = regex::Regex::new("\u{1b}\\[([0-9;:]*)m").unwrap();
    let all = sequences.captures_iter(&text).map(|found| found[1].replace(':', ";"));
    all.filter(|sgr| {
        let is_colour = |part: &str| {
            part.parse().is_ok_and(|code: u8| matches!(code, 30..=38 | 40..=48 | 90..=107))
        };
        sgr.split(';').any(is_colour)
    })
    .collect()
}

fn drawn_with(environment: &[(&str, &str)]) -> Pty {
    let program = env!("CARGO_BIN_EXE_wheelhouse");
    let pty = Pty::spawn(program, &[], (80, 24), environment);
    pty.wait_for_text("No incident.");
    pty.send("q");
    assert_eq!(pty.exit().exit_code(), 0);
    pty.must_be_given_back();
    pty
}

/// The cockpit as a job of a shell that watches its jobs, and continues it when told to.
fn job() -> Pty {
    let program = env!("CARGO_BIN_EXE_wheelhouse");
    let script = format!("set -m; {program}; echo \"stopped $?\"; read go; fg; echo \"ended $?\"");
    let pty = Pty::spawn("/bin/bash", &["-c", &script], (80, 24), &[]);
    pty.wait_for_text("No incident.");
    pty
}

#[test]
fn no_color_means_no_colour_and_the_person_may_force_it() {
    assert_eq!(colours(&drawn_with(&[("NO_COLOR", "1")]).raw()), Vec::<String>::new());
    assert!(!colours(&drawn_with(&[]).raw()).is_empty());
    let forced = drawn_with(&[("CLICOLOR_FORCE", "1"), ("TERM", "vt100")]);
    assert!(!colours(&forced.raw()).is_empty());
}

#[test]
fn no_language_and_one_that_does_not_exist_are_drawn_too() {
    for (name, value) in [("LANG", "C"), ("LC_ALL", "xx_XX.nothing"), ("LC_ALL", "")] {
        drawn_with(&[(name, value)]);
    }
}

/// A tmux has a screen of its own: what it shows after an attach is what it was sent before, and then
/// what is drawn for the new size.
#[test]
fn a_tmux_that_is_left_and_come_back_to_shows_the_whole_screen() {
    if std::process::Command::new("tmux").arg("-V").output().is_err() {
        let why = "not run: a_tmux_that_is_left_and_come_back_to (install tmux)";
        return writeln!(std::io::stderr().lock(), "{why}").unwrap();
    }
    let program = env!("CARGO_BIN_EXE_wheelhouse");
    let tmux = "tmux -S $HOME/tmux -f /dev/null";
    let script =
        format!("{tmux} new-session {program}; echo left; read go; {tmux} attach; echo over");
    let pty = Pty::spawn("/bin/sh", &["-c", &script], (80, 24), &[]);
    pty.wait_for_text("No incident.");
    let told = |words: &[&str]| {
        let socket = pty.home().join("tmux");
        let mut tmux = std::process::Command::new("tmux");
        assert!(tmux.arg("-S").arg(socket).args(words).status().unwrap().success(), "{words:?}");
    };
    told(&["set", "-g", "allow-passthrough", "on"]);
    told(&["detach-client"]);
    pty.wait_for_text("left");
    pty.resize(120, 40);
    pty.send("\r");
    pty.wait_for("the whole screen in use", |screen| {
        screen.contents().contains("No incident.") && screen.contents().lines().count() >= 39
    });
    pty.send("q");
    pty.exit();
    pty.wait_for_text("over");
    pty.must_be_given_back();
}

#[test]
fn a_terminal_gets_no_finer_colours_than_it_shows() {
    let chosen = |name: &str, value: &str| {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("config.toml");
        std::fs::write(&file, "[ui]\ntheme = \"night\"\n").unwrap();
        let config = file.display().to_string();
        colours(&drawn_with(&[("WHEELHOUSE_CONFIG", &config), (name, value)]).raw())
    };
    let has = |all: &[String], fine: &str| all.iter().any(|sgr| sgr.contains(fine));
    let full = chosen("COLORTERM", "truecolor");
    assert!(has(&full, "38;2;"), "{full:?}");
    let indexed = chosen("TERM", "xterm-256color");
    assert!(has(&indexed, "38;5;") && !has(&indexed, "8;2;"), "{indexed:?}");
    let sixteen = chosen("TERM", "xterm");
    // The first sixteen are written as indexes too: none may be finer.
    let finest = sixteen.iter().flat_map(|sgr| sgr.split("8;5;").skip(1));
    let finest = finest.filter_map(|rest| rest.split(';').next()?.parse::<u8>().ok()).max();
    assert!(!sixteen.is_empty() && finest.is_none_or(|finest| finest < 16), "{sixteen:?}");
    assert!(!has(&sixteen, "8;2;"), "{sixteen:?}");
}

#[test]
fn the_ground_is_asked_once_before_anything_is_drawn_and_never_far_away() {
    let asks = |pty: &Pty| {
        let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
        let asked = raw.find("\u{1b}]11;?");
        asked.inspect(|asked| assert!(*asked < raw.find("No incident.").unwrap()));
        asked.is_some()
    };
    assert!(asks(&drawn_with(&[])));
    let state = tempfile::tempdir().unwrap();
    let place = state.path().display().to_string();
    for (name, value) in
        [("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22"), ("WHEELHOUSE_BACKGROUND", "light")]
    {
        assert!(!asks(&drawn_with(&[(name, value), ("WHEELHOUSE_DATA_DIR", &place)])), "{name}");
    }
}

#[test]
fn a_terminal_that_cannot_be_drawn_on_and_a_person_who_listens_get_lines() {
    for (name, value) in [("TERM", "dumb"), ("ACCESSIBLE", "1")] {
        let pty = Pty::spawn(env!("CARGO_BIN_EXE_wheelhouse"), &[], (80, 24), &[(name, value)]);
        pty.wait_for_text("type ? for what can be typed");
        pty.send("q\n");
        assert_eq!(pty.exit().exit_code(), 0);
        let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
        assert!(!raw.contains('\u{1b}'), "{name}: {raw:?}");
        let boxes = |c| ('\u{2500}'..='\u{257f}').contains(&c);
        assert!(!raw.contains(boxes), "{name}: {raw:?}");
    }
}

#[test]
fn a_stopped_cockpit_leaves_the_terminal_to_the_shell_and_takes_it_again() {
    let pty = job();
    pty.send("\u{1a}");
    // 128 and the number of SIGSTOP: the cockpit stops itself, see `terminal::job`.
    pty.wait_for_text("stopped 147");
    pty.wait_for("the shell's own screen", |screen| !screen.alternate_screen());
    pty.resize(120, 40);
    pty.send("\r");
    pty.wait_for("the cockpit again, in the size the terminal has now", |screen| {
        screen.alternate_screen() && screen.contents().lines().count() >= 39
    });
    pty.send("q");
    pty.exit();
    pty.wait_for_text("ended 0");
    pty.must_be_given_back();
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_cockpit_has_its_terminal_given_back_by_its_guard() {
    for signal in [Signal::KILL, Signal::ABORT] {
        let pty = opened();
        pty.signal_child(signal);
        assert_eq!(pty.exit().exit_code(), 137, "{signal:?}");
        pty.must_be_given_back();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_shell_that_dies_leaves_no_cockpit_behind() {
    let pty = job();
    // It leads the session: whoever has the terminal is told that it is gone.
    pty.signal(Signal::KILL);
    pty.exit();
    pty.must_be_given_back();
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_guard_takes_the_cockpit_along_which_gives_the_terminal_back() {
    let pty = opened();
    pty.signal(Signal::KILL);
    pty.exit();
    pty.must_be_given_back();
}

/// Where the child of a test panics; without it, the child has nothing to do.
const PANICS_IN: &str = "WHEELHOUSE_TEST_PANICS_IN";

/// This test binary again, in a terminal of its own, as the child that panics.
fn child_that_panics_in(place: &str) -> Pty {
    let program = Environment::program().unwrap();
    let name = "terminal::the_child_that_panics";
    let arguments = ["--exact", name, "--nocapture"];
    Pty::spawn(program.to_str().unwrap(), &arguments, (80, 24), &[(PANICS_IN, place)])
}

#[test]
fn the_child_that_panics() {
    let environment = Environment::read();
    let Some(place) = environment.variable(PANICS_IN) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut panics = watch_panics();
        let mut screen = Screen::take(Pointer::Cockpit).unwrap();
        screen.draw(|frame| frame.render_widget("drawn", frame.area())).unwrap();
        assert!(place != "the owner", "the owner broke");
        assert!(tokio::spawn(async { panic!("a task broke") }).await.is_err());
        let said = panics.recv().await.unwrap().to_string();
        screen.draw(|frame| frame.render_widget(said.as_str(), frame.area())).unwrap();
    });
}

#[test]
fn a_panic_of_the_screens_owner_gives_the_terminal_back_and_is_told_after() {
    let pty = child_that_panics_in("the owner");
    assert_ne!(pty.exit().exit_code(), 0);
    pty.must_be_given_back();
    pty.wait_for_text("the owner broke");
}

#[test]
fn a_panic_of_a_task_is_told_on_the_screen_which_goes_on() {
    let pty = child_that_panics_in("a task");
    assert_eq!(pty.exit().exit_code(), 0);
    pty.must_be_given_back();
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    let (until_it_ended, _) = raw.split_once("\u{1b}[?1049l").unwrap();
    let size = |length: u16| std::num::NonZero::new(length).unwrap();
    let mut screen = vt100::Parser::new(size(24), size(80), 0);
    screen.process(until_it_ended.as_bytes());
    let text = screen.screen().contents();
    assert!(text.contains("a part of wheelhouse failed: a task broke"), "{text}");
}
