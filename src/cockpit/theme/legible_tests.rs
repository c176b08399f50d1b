//! Whether everything can be read, by calculation: on every theme, in every number of colours.

use ratatui::style::{Color, Modifier, Style};

use super::*;
use crate::cockpit::Listed;

/// The least contrast of text, and of text that is dimmed or carries no words (WCAG 2.2, 1.4.3 and 1.4.11).
const TEXT: f64 = 4.5;
const DIM: f64 = 3.0;

/// What terminals make of the sixteen colours, black to white, where nobody changed them; the ground and
/// the text are the first two.
type Assumed = (&'static str, [u32; 18]);

const ON_DARK: [Assumed; 4] = [
    (
        "xterm",
        [
            0, 0xe5_e5e5, 0, 0xcd_0000, 0xcd00, 0xcd_cd00, 0xee, 0xcd_00cd, 0xcdcd, 0xe5_e5e5,
            0x7f_7f7f, 0xff_0000, 0xff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0xffff, 0xff_ffff,
        ],
    ),
    (
        "Linux console",
        [
            0, 0xaa_aaaa, 0, 0xaa_0000, 0xaa00, 0xaa_5500, 0xaa, 0xaa_00aa, 0xaaaa, 0xaa_aaaa,
            0x55_5555, 0xff_5555, 0x55_ff55, 0xff_ff55, 0x55_55ff, 0xff_55ff, 0x55_ffff, 0xff_ffff,
        ],
    ),
    (
        "Windows Terminal",
        [
            0x0c_0c0c, 0xcc_cccc, 0x0c_0c0c, 0xc5_0f1f, 0x13_a10e, 0xc1_9c00, 0x00_37da, 0x88_1798,
            0x3a_96dd, 0xcc_cccc, 0x76_7676, 0xe7_4856, 0x16_c60c, 0xf9_f1a5, 0x3b_78ff, 0xb4_009e,
            0x61_d6d6, 0xf2_f2f2,
        ],
    ),
    (
        "GNOME",
        [
            0x17_1421, 0xd0_cfcc, 0x17_1421, 0xc0_1c28, 0x26_a269, 0xa2_734c, 0x12_488b, 0xa3_47ba,
            0x2a_a1b3, 0xd0_cfcc, 0x5e_5c64, 0xf6_6151, 0x33_da7a, 0xe9_ad0c, 0x2a_7bde, 0xc0_61cb,
            0x33_c7de, 0xff_ffff,
        ],
    ),
];

const ON_LIGHT: [Assumed; 4] = [
    (
        "xterm",
        [
            0xff_ffff, 0, 0, 0xcd_0000, 0xcd00, 0xcd_cd00, 0xee, 0xcd_00cd, 0xcdcd, 0xe5_e5e5,
            0x7f_7f7f, 0xff_0000, 0xff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0xffff, 0xff_ffff,
        ],
    ),
    (
        "macOS",
        [
            0xff_ffff, 0, 0, 0x99_0000, 0xa600, 0x99_9900, 0xb2, 0xb2_00b2, 0xa6b2, 0xbf_bfbf,
            0x66_6666, 0xe5_0000, 0xd900, 0xe5_e500, 0xff, 0xe5_00e5, 0xe5e5, 0xe5_e5e5,
        ],
    ),
    (
        "Windows Terminal",
        [
            0xff_ffff, 0x0c_0c0c, 0x0c_0c0c, 0xc5_0f1f, 0x13_a10e, 0xc1_9c00, 0x00_37da, 0x88_1798,
            0x3a_96dd, 0xcc_cccc, 0x76_7676, 0xe7_4856, 0x16_c60c, 0xf9_f1a5, 0x3b_78ff, 0xb4_009e,
            0x61_d6d6, 0xf2_f2f2,
        ],
    ),
    (
        "GNOME",
        [
            0xff_ffff, 0x17_1421, 0x17_1421, 0xc0_1c28, 0x26_a269, 0xa2_734c, 0x12_488b, 0xa3_47ba,
            0x2a_a1b3, 0xd0_cfcc, 0x5e_5c64, 0xf6_6151, 0x33_da7a, 0xe9_ad0c, 0x2a_7bde, 0xc0_61cb,
            0x33_c7de, 0xff_ffff,
        ],
    ),
];

const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// Eyes in front of a terminal: what a pair of colours looks like there.
struct Eyes<'a>(Option<&'a [u32; 18]>);

impl Eyes<'_> {
    fn colour(&self, colour: Color, of_ground: bool) -> Color {
        let place = match colour {
            Color::Reset => Some(usize::from(!of_ground)),
            named => NAMED.iter().position(|known| *known == named).map(|place| place + 2),
        };
        match (place, self.0) {
            (Some(place), Some(palette)) => rgb(palette[place]),
            _ => colour,
        }
    }

    /// The contrast of text in `style` over the style of its ground.
    fn contrast(&self, style: Style, ground: Style) -> f64 {
        let all = ground.patch(style);
        let (fg, bg) = (all.fg.unwrap_or(Color::Reset), all.bg.unwrap_or(Color::Reset));
        let (mut fg, mut bg) = (self.colour(fg, false), self.colour(bg, true));
        if all.add_modifier.contains(Modifier::DIM) {
            fg = dimmed(fg, bg);
        }
        if all.add_modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut fg, &mut bg);
        }
        contrast(fg, bg).unwrap()
    }
}

fn rgb(value: u32) -> Color {
    let [_, red, green, blue] = value.to_be_bytes();
    Color::Rgb(red, green, blue)
}

/// How terminals dim: most draw two thirds of the text's colour, the rest of the ground.
///
/// Sources: xterm's `faint` resource, VTE and Alacritty, which all use about that much.
fn dimmed(text: Color, ground: Color) -> Color {
    let (Color::Rgb(red, green, blue), Color::Rgb(r, g, b)) = (text, ground) else {
        return text;
    };
    let two_thirds = |one: u8, other: u8| {
        u8::try_from((2 * u16::from(one) + u16::from(other)) / 3).unwrap_or(u8::MAX)
    };
    Color::Rgb(two_thirds(red, r), two_thirds(green, g), two_thirds(blue, b))
}

/// What in this theme cannot be read, in front of this terminal.
fn illegible(theme: &Theme, eyes: &Eyes<'_>) -> Vec<String> {
    let (surface, selection) = (theme.style(Role::Surface), theme.style(Role::Selection));
    let mut found = Vec::new();
    for role in Role::ALL.iter().copied().filter(|role| role.is_read() || *role == Role::Faint) {
        let style = theme.style(role);
        let is_dim = style.add_modifier.contains(Modifier::DIM) || role == Role::Faint;
        let least = if is_dim { DIM } else { TEXT };
        let mut shown = vec![("", eyes.contrast(style, surface))];
        if style.bg.is_none() && role.is_read() {
            // A selected line changes what has no ground of its own.
            shown.push((" selected", eyes.contrast(selection, surface.patch(style))));
        }
        for (place, ratio) in shown {
            if !(least..=21.0).contains(&ratio) {
                found.push(format!("{} {role}{place}: {ratio:.2}", theme.name()));
            }
        }
    }
    found
}

fn themes(depth: Depth) -> Vec<Theme> {
    let listed = Theme::list(None).unwrap();
    listed.iter().map(|Listed { name, .. }| Theme::load(name, None, depth).unwrap()).collect()
}

/// Whether the terminal decides what it looks like.
fn is_the_terminals(theme: &Theme) -> bool {
    contrast(theme.style(Role::Surface).bg.unwrap_or_default(), Color::Rgb(0, 0, 0)).is_none()
}

#[test]
fn text_stands_out_from_its_ground_in_every_theme() {
    for depth in [Depth::Full, Depth::Indexed] {
        let own = themes(depth).into_iter().filter(|theme| !is_the_terminals(theme));
        let found: Vec<String> = own.flat_map(|theme| illegible(&theme, &Eyes(None))).collect();
        assert!(found.is_empty(), "{depth:?}: {found:#?}");
    }
}

#[test]
fn the_terminals_own_colours_stand_out_where_nobody_changed_them() {
    for theme in themes(Depth::Sixteen).iter().filter(|theme| theme.name() != "mono") {
        let assumed = if theme.appearance() == Appearance::Light { ON_LIGHT } else { ON_DARK };
        for (terminal, palette) in assumed {
            let found = illegible(theme, &Eyes(Some(&palette)));
            assert!(found.is_empty(), "{terminal}: {found:#?}");
        }
    }
}

#[test]
fn high_contrast_has_the_contrast_of_its_name() {
    let theme = Theme::load("high-contrast", None, Depth::Full).unwrap();
    for role in Role::ALL.iter().copied().filter(|role| role.is_read()) {
        let ratio = Eyes(None).contrast(theme.style(role), theme.style(Role::Surface));
        assert!(ratio >= 7.0, "{role}: {ratio:.2}");
    }
}

#[test]
fn a_selected_line_differs_from_its_ground() {
    for theme in themes(Depth::Full).iter().filter(|theme| !is_the_terminals(theme)) {
        let (surface, selected) = (theme.style(Role::Surface).bg, theme.style(Role::Selection).bg);
        let ratio = contrast(surface.unwrap(), selected.unwrap()).unwrap();
        assert!(ratio >= 1.15, "{}: {ratio:.2}", theme.name());
    }
}

/// What people see who lack one of the three kinds of cones.
///
/// Source: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
/// Deficiency" (2009), severity 1.0, on linear light.
const VISIONS: [(&str, [[f64; 3]; 3]); 3] = [
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// A colour as lightness and two differences, in which distances are what people perceive.
///
/// Source: Björn Ottosson, "A perceptual color space for image processing" (Oklab, 2020).
fn perceived(colour: Color, vision: &[[f64; 3]; 3]) -> [f64; 3] {
    let Color::Rgb(red, green, blue) = colour else { panic!("{colour} is not exact") };
    let light = [red, green, blue].map(|part| (f64::from(part) / 255.0).powf(2.2));
    let times = |matrix: &[[f64; 3]; 3], v: [f64; 3]| {
        matrix.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum::<f64>())
    };
    let seen = times(vision, light).map(|part| part.clamp(0.0, 1.0));
    let cones = [
        [0.412_221, 0.536_333, 0.051_446],
        [0.211_904, 0.680_700, 0.107_397],
        [0.088_302, 0.281_719, 0.629_979],
    ];
    let lab = [
        [0.210_454, 0.793_618, -0.004_072],
        [1.977_998, -2.428_592, 0.450_594],
        [0.025_904, 0.782_772, -0.808_676],
    ];
    times(&lab, times(&cones, seen).map(f64::cbrt))
}

#[test]
fn the_colours_of_states_differ_for_every_kind_of_colour_vision() {
    let theme = Theme::load("colorblind", None, Depth::Full).unwrap();
    let states = [Role::Pending, Role::Ok, Role::Failed, Role::Text];
    for (name, vision) in &VISIONS {
        for (at, one) in states.iter().enumerate() {
            for other in &states[at + 1..] {
                let pair = format!("{one} and {other}");
                let lab = |role: &Role| perceived(theme.style(*role).fg.unwrap(), vision);
                let (one, other) = (lab(one), lab(other));
                let apart: f64 = one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum();
                let apart = apart.sqrt();
                assert!(apart >= 0.08, "{name}: {pair} are {apart:.3} apart");
            }
        }
    }
}
