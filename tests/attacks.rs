//! Attacks on the person's answer, byte by byte: the production loop with its real keyboard in a real
//! terminal, on which a proposal waits that nobody may approve by accident.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::json;
use tokio::sync::{broadcast, mpsc};
use wheelhouse::cockpit::core::Mice;
use wheelhouse::cockpit::driver::{Calling, Cockpit, CockpitSettings, Keyboard, Manners, Outside};
use wheelhouse::cockpit::keymap::Keymap;
use wheelhouse::cockpit::terminal::{Pointer, Screen};
use wheelhouse::cockpit::theme::{Depth, Themes};
use wheelhouse::incident::{Preview, Principal, Proof, Risk};
use wheelhouse::settings::{Clock, Environment};
use wheelhouse::wire::{Asked as Asks, Command, Feed, Frame, Link, MOST_LAGGING, Reply};

use super::support::pty::Pty;
use super::support::slow::Slow;
use super::support::story::{Asked, Story, actor};

/// The risk of the proposal that waits; without it, the child of these tests has nothing to do.
const RISK: &str = "WHEELHOUSE_TEST_RISK";

/// How long the child's terminal takes for a frame, in milliseconds.
const FRAME_MS: &str = "WHEELHOUSE_TEST_FRAME_MS";

/// An incident on which a remedy waits for a person.
fn waiting(risk: Risk) -> Story {
    let mut story = Story::beginning(Clock::real().now());
    story.fires();
    story.propose(&Asked {
        title: "Roll the configuration back",
        rationale: "The pool was shrunk.",
        verb: "rollback",
        resource: "checkout-config",
        args: json!({ "to": "r41" }),
        preview: Preview::Diff { text: "- 2\n+ 20".into() },
        risk,
        claimed: risk,
        evidence: Vec::new(),
    });
    story
}

/// Serves the story and returns what it was asked to decide.
async fn serve(frames: Vec<Arc<Frame>>, mut asks: mpsc::Receiver<Asks>) -> usize {
    let live = broadcast::Sender::new(MOST_LAGGING);
    let mut decided = 0;
    while let Some(asked) = asks.recv().await {
        match asked {
            Asks::Follow { reply } => {
                let feed = Feed { backlog: frames.clone(), live: live.subscribe() };
                assert!(reply.send(feed).is_ok(), "nobody follows");
            }
            Asks::Command { command, reply, .. } => {
                decided += usize::from(matches!(*command, Command::Decide { .. }));
                let _gone = reply.send(Ok(Reply::Seen)).is_err();
            }
        }
    }
    decided
}

#[test]
fn the_child_that_asks() {
    let environment = Environment::read();
    let Some(risk) = environment.variable(RISK) else { return };
    let risk = if risk == "high" { Risk::High } else { Risk::Medium };
    let frame_ms =
        environment.variable(FRAME_MS).map_or(0, |text| text.to_str().unwrap().parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let decided = runtime.block_on(async {
        let (asks, asked) = mpsc::channel(16);
        let hub = tokio::spawn(serve(waiting(risk).frames(), asked));
        let person =
            Principal { actor: actor("human:ada"), proof: Proof::LocalUser, roles: Vec::new() };
        let settings = CockpitSettings {
            keymap: Keymap::load("default", None).unwrap(),
            themes: Themes::begin("mono", None, Depth::None).unwrap(),
            zone: TimeZone::UTC,
            wall: Clock::real(),
            clock: Clock::real(),
            state: None,
            recording: None,
            editor: None,
            browser: None,
            mice: Mice::Captured,
            coming: None,
            occasions: Vec::new(),
            manners: Manners { calling: Calling::Off, ..Manners::default() },
        };
        let cockpit = Cockpit::live(Link::new(person, asks), settings);
        let screen = Screen::take(Pointer::Cockpit).unwrap();
        let mut screen = Slow { screen, frame: Duration::from_millis(frame_ms) };
        let mut keyboard = Keyboard::new(Clock::real()).unwrap();
        cockpit.run(&mut screen, &mut keyboard, Outside::default()).await.unwrap();
        drop(keyboard);
        drop(screen);
        hub.await.unwrap()
    });
    // The words of a verdict that was held when the person left would have kept the cockpit open.
    println!("decided {decided} times");
}

fn child(risk: &str, size: (u16, u16)) -> Pty {
    child_with(size, &[(RISK, risk)])
}

fn child_with(size: (u16, u16), environment: &[(&str, &str)]) -> Pty {
    let program = Environment::program().unwrap();
    let arguments = ["--exact", "attacks::the_child_that_asks", "--nocapture"];
    Pty::spawn(program.to_str().unwrap(), &arguments, size, environment)
}

/// A cockpit whose card is open and armed.
fn armed() -> Pty {
    armed_on(child("medium", (100, 40)))
}

fn armed_on(pty: Pty) -> Pty {
    pty.wait_for_text("Roll the configuration back");
    open_card(&pty);
    pty
}

/// Opens the card and leaves the keyboard alone until it is armed.
fn open_card(pty: &Pty) {
    pty.send("d");
    pty.wait_for_text("● armed");
}

/// Presses the keys that approve, and waits for what follows. Keys that came while the keyboard's thread
/// was held up are taken for a burst, which is said; then a person begins anew.
fn approve(pty: &Pty, follows: &str) {
    loop {
        pty.send("a");
        pty.wait_for_text("Approve exactly what the card shows.");
        pty.send("y");
        let is_told = |screen: &vt100::Screen| {
            let text = screen.contents();
            text.contains(follows) || text.contains("too soon")
        };
        if pty.wait_for(follows, is_told).contains(follows) {
            return;
        }
        // A card that is opened again is armed only once the keyboard was still.
        pty.send(ESCAPE);
        pty.wait_for_text("d decide");
        open_card(pty);
    }
}

/// A paste leaves whatever has begun, and `x` after it shows the card as JSON: then all that came before
/// was heard.
fn must_have_been_heard(pty: &Pty) -> String {
    pty.send("\u{1b}[200~x\u{1b}[201~x");
    pty.wait_for_text("\"ask\"")
}

/// Escape as modern terminals send it: no key on its heels makes it another one.
const ESCAPE: &str = "\u{1b}[27u";

/// How much can be open at once, one thing over another.
const MOST_OPEN: usize = 8;

/// Leaves at once, which only works where nothing is on its way, and says what the hub was asked.
fn must_have_decided(pty: &Pty, times: usize) {
    let bare = |screen: &vt100::Screen| screen.contents().contains("d decide");
    for _ in 0..MOST_OPEN {
        let before = pty.wait_for("a screen", |_| true);
        if before.contains("d decide") {
            break;
        }
        pty.send(ESCAPE);
        pty.wait_for("less", |screen| bare(screen) || screen.contents() != before);
    }
    pty.wait_for("nothing open", bare);
    pty.send("q");
    pty.exit();
    pty.wait_for_text(&format!("decided {times} times"));
    pty.must_be_given_back();
}

#[test]
fn a_person_who_reads_and_means_it_is_heard() {
    let pty = armed();
    approve(&pty, "leaves in");
    pty.wait_for_text("journaled");
    must_have_decided(&pty, 1);
}

/// What must never approve anything, however still it was before.
const BURSTS: [(&str, &str); 15] = [
    ("a chord in one breath", "ay"),
    ("a chord with returns", "a\ry\ry\r"),
    ("a paste that ends early", "\u{1b}[200~log\u{1b}[201~ay"),
    ("a paste with a return behind it", "\u{1b}[200~log\u{1b}[201~a\ry\r"),
    ("a paste that holds the chord", "\u{1b}[200~ay\u{1b}[201~"),
    ("the name of the terminal", "\u{1b}P>|ay\u{1b}\\"),
    ("a name that does not end", "\u{1b}P>|ay"),
    ("what the ground is", "\u{1b}]11;rgb:1414/1616/1b1b\u{1b}\\"),
    ("what the ground is, and a chord", "\u{1b}]11;rgb:1a/1a/1a\u{7}ay"),
    ("what was copied", "\u{1b}]52;c;YXkK\u{1b}\\"),
    ("what it can do", "\u{1b}[?62;22c\u{1b}[?2026;2$y\u{1b}[?1uay"),
    ("where the cursor is", "\u{1b}[5;9Ray"),
    ("keys that are let go", "\u{1b}[97;1:3u\u{1b}[121;1:3u"),
    ("keys that repeat themselves", "\u{1b}[97;1:2u\u{1b}[121;1:2u"),
    ("where the mouse is, in bytes", "\u{1b}[Mayy"),
];

/// Sends each burst to a cockpit of its own, all at the same time.
fn burst_upon(open: impl Fn() -> Pty + Sync) {
    let open = &open;
    std::thread::scope(|threads| {
        for (what, bytes) in &BURSTS {
            threads.spawn(move || {
                let pty = armed_on(open());
                pty.send(bytes);
                let screen = must_have_been_heard(&pty);
                assert!(!screen.contains("leaves in"), "{what}:\n{screen}");
                must_have_decided(&pty, 0);
            });
        }
    });
}

#[test]
fn no_burst_of_bytes_approves_anything() {
    burst_upon(|| child("medium", (100, 40)));
}

#[test]
fn a_whole_word_in_one_breath_opens_at_most_a_text() {
    let pty = armed();
    pty.send("approve\ry\r");
    pty.wait_for_text("↷ Redirect");
    must_have_decided(&pty, 0);
}

/// Each frame takes longer than the pause that tells the keys of a person from a burst.
#[test]
fn no_burst_is_taken_for_keys_because_a_frame_takes_long() {
    let slow = [(RISK, "medium"), (FRAME_MS, "60")];
    burst_upon(|| child_with((100, 40), &slow));
}

#[test]
fn what_is_typed_ahead_of_the_card_is_not_heard_on_it() {
    for bytes in ["day", "da\u{1b}[Ay", "day\r", "d\ray"] {
        let pty = child("medium", (100, 40));
        pty.wait_for_text("Roll the configuration back");
        pty.send(bytes);
        pty.wait_for_text("● armed");
        let screen = pty.wait_for("a screen", |_| true);
        assert!(!screen.contains("leaves in"), "{bytes:?}:\n{screen}");
        must_have_decided(&pty, 0);
    }
}

#[test]
fn the_targets_name_cannot_be_pasted_in_any_way() {
    let pty = armed_on(child("high", (100, 40)));
    approve(&pty, "to show that you read it");
    pty.send("\u{1b}[200~checkout-config\u{1b}[201~");
    pty.wait_for_text("nothing can be pasted here");
    pty.send("checkout-config\u{19}");
    pty.wait_for("another word", |screen| !screen.contents().contains("nothing can be pasted"));
    pty.send("\u{1b}[200~checkout-config\u{1b}[201~");
    let screen = pty.wait_for_text("nothing can be pasted here");
    assert!(!screen.contains("leaves in"), "{screen}");
    must_have_decided(&pty, 0);
}

#[test]
fn a_paste_that_never_ends_is_ended_by_the_next() {
    let pty = armed();
    pty.send("\u{1b}[200~never ends, and swallows: ay q q ay");
    // It does not hold up anything else.
    pty.resize(20, 5);
    pty.wait_for_text("waits for you; 6");
    pty.resize(100, 40);
    pty.wait_for_text("● armed");
    pty.send("\u{1b}[200~again\u{1b}[201~");
    pty.wait_for_text("a paste goes only where");
    must_have_decided(&pty, 0);
}

#[test]
fn bytes_that_mean_nothing_are_passed_over() {
    let pty = armed();
    let mut random = fastrand::Rng::with_seed(7);
    // `keyboard` tries every byte; here are those that mean nothing, through everything behind it.
    for _ in 0..4_000 {
        let mut bytes: Vec<u8> = (0..random.usize(1..9)).map(|_| random.u8(0x80..)).collect();
        match random.u8(0..6) {
            0 => bytes.extend(format!("\u{1b}[{};{}~", random.u16(..), random.u8(40..)).bytes()),
            1 => bytes.extend(format!("\u{1b}[?{};9c", random.u16(..)).bytes()),
            2 => bytes.extend(b"\x1b[I\x1b[O"),
            3 => bytes.extend(format!("\u{1b}]{};ay\u{7}", random.u16(..)).bytes()),
            4 => bytes.extend(format!("\u{1b}P{}ay\u{1b}\\", random.u16(..)).bytes()),
            _ => {}
        }
        pty.send_bytes(&bytes);
    }
    // The first ends whatever was begun in the middle.
    pty.send("\u{1b}[200~x\u{1b}[201~");
    let screen = must_have_been_heard(&pty);
    assert!(!screen.contains("leaves in"), "{screen}");
    must_have_decided(&pty, 0);
}

#[test]
fn a_screen_too_small_to_read_on_decides_nothing_and_lives() {
    let pty = armed();
    pty.resize(20, 5);
    pty.wait_for_text("waits for you; 6");
    pty.send("a");
    pty.send("y");
    pty.resize(100, 40);
    pty.wait_for_text("● armed");
    let screen = pty.wait_for("a screen", |_| true);
    assert!(!screen.contains("leaves in"), "{screen}");
    must_have_decided(&pty, 0);
}

#[test]
fn two_thousand_resizes_leave_a_screen_that_is_right() {
    let pty = armed();
    let mut random = fastrand::Rng::with_seed(23);
    for _ in 0..2_000 {
        pty.resize(random.u16(1..240), random.u16(1..90));
    }
    for (columns, rows) in [(1, 400), (400, 1), (1, u16::MAX), (u16::MAX, 1), (100, 40)] {
        pty.resize(columns, rows);
    }
    pty.wait_for("the card", |screen| {
        let text = screen.contents();
        text.contains("● armed") && text.lines().count() >= 39
    });
    must_have_decided(&pty, 0);
}

#[test]
fn a_terminal_that_is_gone_ends_the_cockpit() {
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wheelhouse"));
    command.cwd(home.path());
    for (name, value) in [("TERM", "xterm-256color"), ("HOME", home.path().to_str().unwrap())] {
        command.env(name, value);
    }
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&seen).contains("No incident") {
        let length = reader.read(&mut buffer).unwrap();
        seen.extend_from_slice(&buffer[..length]);
    }
    drop(reader);
    drop(pair.master);
    let (told, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || told.send(child.wait().unwrap()));
    let status = ended.recv_timeout(Duration::from_mins(1)).expect("it goes on without a terminal");
    assert_eq!(status.exit_code(), 129, "{status:?}");
}
