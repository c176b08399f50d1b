//! What an action does: one line for each, in the order of the catalogue.

use super::super::action::{Action, Weight};
use super::super::effect::Effect;
use super::super::input::Gesture;
use super::super::model::{Chosen, Mice, Model, Overlay, Pane, Preset, Side};
use super::{
    card, compose, filter, halt, jump, layout, link, mention, open, outbound, owed, palette, panel,
    redirect, replay, search, select, tell, written,
};

/// Somebody asked for an action.
pub(super) fn asked(model: &mut Model, action: Action, gesture: Gesture) -> Vec<Effect> {
    use Action as A;
    if let Some(effects) = reading(model, action) {
        return effects;
    }
    match action {
        A::Quit => quit(model),
        A::Suspend => vec![Effect::Suspend],
        A::Redraw => vec![Effect::Redraw],
        A::ThemeNext => vec![Effect::NextTheme],
        A::MouseToggle => toggle_mouse(model),
        A::FocusNext => next_field_or_pane(model, 1),
        A::FocusPrevious => next_field_or_pane(model, -1),
        A::FocusIncidents => layout::focus(model, Pane::Incidents),
        A::FocusExchange => layout::focus(model, Pane::Exchange),
        A::FocusTimeline => layout::focus(model, Pane::Timeline),
        A::FocusDecisions => layout::focus(model, Pane::Decisions),
        A::Zoom => layout::zoom(model),
        A::PresetWatch => layout::preset(model, Preset::Watch),
        A::PresetCommand => layout::preset(model, Preset::Command),
        A::PresetReview => layout::preset(model, Preset::Review),
        A::SplitGrow => layout::grow(model, 4),
        A::SplitShrink => layout::grow(model, -4),
        A::SelectNext
        | A::SelectPrevious
        | A::SelectFirst
        | A::SelectLast
        | A::PageDown
        | A::PageUp
        | A::ScrollDown
        | A::ScrollUp
        | A::ScrollLeft
        | A::ScrollRight
        | A::Follow
        | A::Pause => select::moved(model, action),
        A::Redeliver => owed::retry(model),
        A::GiveUp => owed::ask_why(model),
        A::Open
        | A::Approve
        | A::BreakGlass
        | A::EditAndApprove
        | A::Deny
        | A::Respond
        | A::Redirect
        | A::TakeOver
        | A::Defer
        | A::Confirm
        | A::Recall
        | A::Halt
        | A::Resume
        | A::Comment
        | A::Send
        | A::OpenEditor
        | A::Preview
        | A::HistoryPrevious
        | A::HistoryNext => deciding(model, action, gesture),
        // What is left belongs to a recording.
        _ => replay::asked(model, action),
    }
}

/// What only changes what is read; `None` if the action does more.
fn reading(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    Some(match action {
        Action::Palette => palette::begin(model),
        Action::SaveSearch => search::keep(model),
        Action::Bookmark => palette::turn_bookmark(model),
        Action::BookmarkNext => palette::next_bookmark(model),
        Action::OpenLink => link::open(model),
        Action::Help => open::help(model),
        Action::OpenCard => open::longest_waiting(model),
        Action::RawJson => open::raw(model),
        Action::Copy => open::copy(model),
        Action::Filter => filter::begin(model),
        Action::Search => search::begin(model),
        Action::Outbox => owed::toggle(model),
        Action::Unfold => panel::unfold(model),
        Action::FollowLink => jump::follow(model),
        Action::Back => jump::back(model),
        Action::Forward => jump::forward(model),
        Action::LastPlace => jump::last(model),
        Action::Hypotheses => panel::toggle(model, Side::Hypotheses),
        Action::Charts => panel::toggle(model, Side::Charts),
        Action::Handoffs => panel::toggle(model, Side::Handoffs),
        Action::Sort => select::sort(model),
        Action::Close | Action::Cancel => open::close(model),
        _ => return None,
    })
}

/// Asks for what is marked in the palette; nothing grave is done from a list, at most its gesture
/// begins.
fn choose(model: &mut Model, gesture: Gesture) -> Vec<Effect> {
    let Some(chosen) = palette::take(model) else { return Vec::new() };
    let Chosen::Action(action) = chosen else { return palette::go(model, chosen) };
    let begins_a_gesture = matches!(action, Action::Halt | Action::Resume);
    if action.weight() == Weight::Light || begins_a_gesture {
        return asked(model, action, gesture);
    }
    let what = format!("{action} is never done from a list: press its keys on the card itself");
    tell::refuse(model, &what)
}

/// What leads to something outside, or needs to know how it was asked for.
fn deciding(model: &mut Model, action: Action, gesture: Gesture) -> Vec<Effect> {
    match action {
        Action::Open => match model.overlays.last() {
            Some(Overlay::Palette(_)) => choose(model, gesture),
            _ => open::selected(model),
        },
        Action::Approve => card::approve(model, gesture),
        Action::BreakGlass => written::break_glass(model, gesture),
        Action::EditAndApprove => written::edit(model, gesture),
        Action::Deny => written::deny(model),
        Action::Respond => written::respond(model),
        Action::Redirect => redirect::begin(model),
        Action::TakeOver => redirect::take_over(model, gesture),
        Action::Defer => card::defer(model),
        Action::Confirm => card::confirm(model, gesture),
        Action::Halt => halt::park(model),
        Action::Resume => halt::resume(model),
        Action::Comment => compose::comment(model),
        Action::Send => send(model, gesture),
        Action::OpenEditor => compose::open_editor(model),
        Action::Preview => compose::preview(model),
        Action::HistoryPrevious => compose::line(model, -1),
        Action::HistoryNext => compose::line(model, 1),
        _ => outbound::recall(model),
    }
}

fn send(model: &mut Model, gesture: Gesture) -> Vec<Effect> {
    match model.overlays.last() {
        Some(Overlay::Composer(_)) => compose::send(model, gesture),
        Some(Overlay::Redirect(_)) => redirect::send(model, gesture),
        _ => Vec::new(),
    }
}

/// In a form, the next field; in the composer, the next quick reason; else the next pane.
fn next_field_or_pane(model: &mut Model, by: isize) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Composer(_)) => {
            if by > 0 && mention::accept(model) {
                return compose::kept(model);
            }
            compose::quick(model, by)
        }
        Some(Overlay::Redirect(redirecting)) => {
            redirect::mark(redirecting, by);
            Vec::new()
        }
        Some(Overlay::Panel(_)) => panel::next(model, by),
        Some(_) => Vec::new(),
        None => layout::focus_round(model, by),
    }
}

fn toggle_mouse(model: &mut Model) -> Vec<Effect> {
    model.mice = match model.mice {
        Mice::Captured => Mice::Released,
        Mice::Released => Mice::Captured,
    };
    vec![Effect::CaptureMouse(model.mice)]
}

/// Leaves, unless something of the person's is still on its way: then the second time.
fn quit(model: &mut Model) -> Vec<Effect> {
    let Some(warning) = outbound::unfinished(model) else { return vec![Effect::Quit] };
    let was_warned = model.banners.iter().any(|banner| banner.notice == warning);
    if was_warned {
        outbound::recall_all(model);
        return vec![Effect::Quit];
    }
    tell::mention(model, warning)
}
