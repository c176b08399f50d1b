//! A Rust file as the rules of the house see it: what it names, declares and measures.

use std::ops::RangeInclusive;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Meta, UseTree};

/// One parsed file. Only `functions`, `modules` and `tokens` cover test code.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    /// Where the file lies in its crate: `src/hub/feed.rs` is `["hub", "feed"]`.
    pub(crate) module: Vec<String>,
    pub(crate) names: Vec<Name>,
    pub(crate) imports: Vec<Import>,
    pub(crate) functions: Vec<Function>,
    pub(crate) modules: Vec<Declaration>,
    /// Top-level items that a door may not have, by first line.
    pub(crate) logic: Vec<usize>,
    /// The lines of inline test code.
    pub(crate) tests: Vec<RangeInclusive<usize>>,
    pub(crate) tokens: TokenStream,
}

/// A path that the code outside of tests names, as written.
pub(crate) struct Name {
    /// The module (inline ones included) in which it is written.
    pub(crate) scope: Vec<String>,
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

/// What one leaf of a `use` brings into its module; a glob ends in `*`.
pub(crate) struct Import {
    pub(crate) scope: Vec<String>,
    pub(crate) segments: Vec<String>,
    pub(crate) called: String,
}

/// One function with its length in lines, signature and braces included.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

/// A `mod` in the file, inline or not.
pub(crate) struct Declaration {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    pub(crate) is_inline: bool,
    pub(crate) is_test: bool,
}

impl Source {
    /// Reads a file; the error is the line and the parser's complaint.
    pub(crate) fn read(path: &str, text: &str) -> Result<Self, (usize, String)> {
        let complain = |error: &syn::Error| (error.span().start().line, error.to_string());
        let tokens: TokenStream =
            text.parse().map_err(|error: proc_macro2::LexError| (1, error.to_string()))?;
        let file: syn::File = syn::parse2(tokens.clone()).map_err(|error| complain(&error))?;
        let mut source = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            module: module_of(path),
            names: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            modules: Vec::new(),
            logic: file.items.iter().filter(|item| is_logic(item)).map(line_of).collect(),
            tests: Vec::new(),
            tokens,
        };
        let scope = source.module.clone();
        Reader { source: &mut source, scope, in_test: false }.visit_file(&file);
        Ok(source)
    }

    /// Lines of code and comment, without the inline tests.
    pub(crate) fn length(&self) -> usize {
        let tests: usize = self.tests.iter().map(|lines| lines.end() - lines.start() + 1).sum();
        self.text.lines().count() - tests
    }
}

struct Reader<'a> {
    source: &'a mut Source,
    scope: Vec<String>,
    in_test: bool,
}

impl Reader<'_> {
    fn name(&mut self, segments: Vec<String>, line: usize) {
        if !self.in_test {
            self.source.names.push(Name { scope: self.scope.clone(), segments, line });
        }
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (line, end) = (signature.span().start().line, block.span().end().line);
        let name = signature.ident.to_string();
        self.source.functions.push(Function { name, line, lines: end - line + 1 });
    }

    /// Visits `inside` as test code when `attributes` say so, and remembers its lines once.
    fn guarded(
        &mut self,
        attributes: &[Attribute],
        whole: &impl Spanned,
        inside: impl Fn(&mut Self),
    ) {
        let outer = self.in_test;
        self.in_test = outer || attributes.iter().any(|attribute| means_test(&attribute.meta));
        if self.in_test && !outer {
            let span = whole.span();
            self.source.tests.push(span.start().line..=span.end().line);
        }
        inside(self);
        self.in_test = outer;
    }

    fn import(&mut self, prefix: &[String], tree: &UseTree, line: usize) {
        let with = |ident: &syn::Ident| {
            let mut path = prefix.to_vec();
            path.push(ident.to_string());
            path
        };
        let (mut segments, called) = match tree {
            UseTree::Path(path) => return self.import(&with(&path.ident), &path.tree, line),
            UseTree::Group(group) => {
                return group
                    .items
                    .iter()
                    .for_each(|tree| self.import(prefix, tree, line_of(tree)));
            }
            UseTree::Name(name) => (with(&name.ident), name.ident.to_string()),
            UseTree::Rename(rename) => (with(&rename.ident), rename.rename.to_string()),
            UseTree::Glob(_) => ([prefix, &["*".to_owned()]].concat(), "*".to_owned()),
        };
        let called = match segments.last() {
            Some(last) if last == "self" && segments.len() > 1 => {
                segments.pop();
                if called == "self" { segments.last().cloned().unwrap_or_default() } else { called }
            }
            _ => called,
        };
        self.name(segments.clone(), line);
        if !self.in_test {
            self.source.imports.push(Import { scope: self.scope.clone(), segments, called });
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        self.guarded(attributes_of(item), item, |reader| visit::visit_item(reader, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        self.guarded(&item.attrs, item, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.scope.push(item.ident.to_string());
        self.source.modules.push(Declaration {
            path: self.scope.clone(),
            line: item.ident.span().start().line,
            is_inline: item.content.is_some(),
            is_test: self.in_test,
        });
        visit::visit_item_mod(self, item);
        self.scope.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import(&[], &item.tree, item.use_token.span.start().line);
    }

    /// `pub(super)` says who may name this, and names nothing itself.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.name(segments, line_of(path));
        visit::visit_path(self, path);
    }

    /// Passes over `pub(super)`: it says who may look in, not what is named.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    /// Finds paths where `syn` sees none: inside macros, and in attributes such as
    /// `#[serde(with = "crate::wire::seconds")]`.
    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        for (segments, line) in paths_in(tokens.clone()) {
            self.name(segments, line);
        }
    }
}

fn paths_in(tokens: TokenStream) -> Vec<(Vec<String>, usize)> {
    let mut found: Vec<(Vec<String>, usize)> = Vec::new();
    let mut colons = 0;
    for token in tokens {
        let line = token.span().start().line;
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                colons += 1;
                continue;
            }
            TokenTree::Ident(ident) => match found.last_mut() {
                Some((path, _)) if colons == 2 => path.push(ident.to_string()),
                _ => found.push((vec![ident.to_string()], line)),
            },
            TokenTree::Group(group) => found.extend(paths_in(group.stream())),
            TokenTree::Literal(literal) => {
                let quoted = literal.to_string();
                if quoted.starts_with("\"crate::") {
                    let path = quoted.trim_matches('"').split("::").map(str::to_owned);
                    found.push((path.collect(), line));
                }
            }
            TokenTree::Punct(_) => {}
        }
        colons = 0;
    }
    found
}

fn module_of(path: &str) -> Vec<String> {
    let inside = path.split_once('/').map_or(path, |(_, rest)| rest);
    let inside = inside.strip_suffix(".rs").unwrap_or(inside);
    let mut module: Vec<String> = inside.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

fn is_logic(item: &Item) -> bool {
    match item {
        Item::Mod(module) => module.content.is_some(),
        Item::Use(_) => false,
        _ => true,
    }
}

fn line_of(spanned: &impl Spanned) -> usize {
    spanned.span().start().line
}

/// Whether a `cfg` holds only in test builds.
fn means_test(meta: &Meta) -> bool {
    let parts = |list: &syn::MetaList| {
        let each = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
        list.parse_args_with(each).into_iter().flatten().collect::<Vec<_>>()
    };
    match meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") || list.path.is_ident("all") => {
            parts(list).iter().any(means_test)
        }
        Meta::List(list) if list.path.is_ident("any") => parts(list).iter().all(means_test),
        Meta::List(_) | Meta::NameValue(_) => false,
    }
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(syn::ItemConst { attrs, .. })
        | Item::Enum(syn::ItemEnum { attrs, .. })
        | Item::Fn(syn::ItemFn { attrs, .. })
        | Item::Impl(syn::ItemImpl { attrs, .. })
        | Item::Macro(syn::ItemMacro { attrs, .. })
        | Item::Mod(syn::ItemMod { attrs, .. })
        | Item::Static(syn::ItemStatic { attrs, .. })
        | Item::Struct(syn::ItemStruct { attrs, .. })
        | Item::Trait(syn::ItemTrait { attrs, .. })
        | Item::Type(syn::ItemType { attrs, .. })
        | Item::Use(syn::ItemUse { attrs, .. }) => attrs,
        _ => &[],
    }
}
