//! One trace as a tree: time of its own, critical path, and the way an error took.

use std::collections::{HashMap, HashSet};

use super::span::Span;

/// Deepest nesting that is followed; spans from outside may name each other as parents in a ring.
const DEPTH_MAX: usize = 256;

/// The spans of one trace and who called whom.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) spans: Vec<&'a Span>,
    children: Vec<Vec<usize>>,
    parents: Vec<Option<usize>>,
    root: Option<usize>,
}

impl<'a> Tree<'a> {
    /// Builds the tree; a span whose parent is not there stands at the top.
    pub(super) fn grow(spans: &[&'a Span]) -> Self {
        let index: HashMap<&str, usize> =
            spans.iter().enumerate().map(|(index, span)| (span.id.as_str(), index)).collect();
        let mut children = vec![Vec::new(); spans.len()];
        let mut parents = vec![None; spans.len()];
        for (child, span) in spans.iter().enumerate() {
            let parent = index.get(span.parent.as_str()).copied();
            if let Some(parent) = parent.filter(|parent| *parent != child)
                && let Some(siblings) = children.get_mut(parent)
            {
                siblings.push(child);
                if let Some(slot) = parents.get_mut(child) {
                    *slot = Some(parent);
                }
            }
        }
        let tops = spans.iter().enumerate().zip(&parents).filter(|(_, parent)| parent.is_none());
        let root = tops.max_by_key(|((_, span), _)| span.duration()).map(|((index, _), _)| index);
        Self { spans: spans.to_vec(), children, parents, root }
    }

    /// The longest span at the top; none when the trace is a ring.
    pub(super) fn root(&self) -> Option<&'a Span> {
        self.spans.get(self.root?).copied()
    }

    /// Whether any span failed.
    pub(super) fn failed(&self) -> bool {
        self.spans.iter().any(|span| span.failed)
    }

    fn children(&self, index: usize) -> impl Iterator<Item = (usize, &'a Span)> {
        let listed = self.children.get(index).map(Vec::as_slice).unwrap_or_default();
        listed.iter().filter_map(|child| Some((*child, *self.spans.get(*child)?)))
    }

    /// Nanoseconds of a span during which none of its children ran.
    pub(super) fn self_time(&self, index: usize) -> i64 {
        let Some(span) = self.spans.get(index) else { return 0 };
        let mut busy: Vec<(i64, i64)> = self
            .children(index)
            .map(|(_, child)| (child.start.max(span.start), child.end.min(span.end)))
            .filter(|(start, end)| start < end)
            .collect();
        busy.sort_unstable();
        let (mut covered, mut until) = (0, span.start);
        for (start, end) in busy {
            covered += (end - start.max(until)).max(0);
            until = until.max(end);
        }
        span.duration() - covered
    }
}

/// The spans that determine when the root ended, with the nanoseconds each contributes by itself.
///
/// Walks back from the root's end: whatever child ended last before the cursor was being waited
/// for; what lies between belongs to the span itself (as in the critical path analysis of
/// distributed traces by Zhang and others, "CRISP", USENIX ATC 2022).
pub(super) fn critical_path(tree: &Tree<'_>) -> Vec<(usize, i64)> {
    let Some(root) = tree.root else { return Vec::new() };
    let mut out = Vec::new();
    let mut open = vec![(root, i64::MAX, 0)];
    let mut seen = HashSet::new();
    while let Some((index, until, depth)) = open.pop() {
        let Some(span) = tree.spans.get(index) else { continue };
        if depth > DEPTH_MAX || !seen.insert(index) {
            continue;
        }
        let mut cursor = span.end.min(until);
        let mut own = 0;
        let mut below: Vec<(usize, &Span)> = tree.children(index).collect();
        below.sort_by_key(|(_, child)| std::cmp::Reverse((child.end.min(span.end), child.start)));
        for (child, callee) in below {
            let end = callee.end.min(span.end);
            if end > cursor || callee.start < span.start || callee.start >= end {
                continue;
            }
            own += cursor - end;
            cursor = callee.start;
            open.push((child, end, depth + 1));
        }
        own += (cursor - span.start).max(0);
        out.push((index, own));
    }
    out
}

/// The failed span that began it all, then its failed callers up to the outermost.
///
/// The origin is the failed span without a failed child that ended first: an error cannot move up
/// before it has happened.
pub(super) fn origin<'a>(tree: &Tree<'a>) -> Option<Vec<&'a Span>> {
    let is_leaf = |index: usize| !tree.children(index).any(|(_, child)| child.failed);
    let failed = tree.spans.iter().enumerate().filter(|(_, span)| span.failed);
    let first = failed
        .filter(|(index, _)| is_leaf(*index))
        .min_by_key(|(_, span)| (span.end, span.start))?;
    let mut way = Vec::new();
    let mut at = Some(first.0);
    while let Some(index) = at {
        let Some(span) = tree.spans.get(index) else { break };
        if !span.failed || way.len() > DEPTH_MAX {
            break;
        }
        way.push(*span);
        at = tree.parents.get(index).copied().flatten();
    }
    Some(way)
}
