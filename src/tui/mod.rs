//! The interactive program.
//!
//! [`update()`](update::update) takes the state and an event and gives effects;
//! [`view()`](view::view) looks at the state and draws it. Both are pure: no I/O, no clock,
//! nothing is changed by drawing. Events and effects are plain data. [`run`] is the loop that
//! feeds the one, draws with the other, and has the effects done.
//!
//! ```text
//! terminal, engine, session ─► Event ─► update ─► Effect ─► run ─► engine, session, files
//!                                         │
//!                                       State ─► view ─► screen
//!                                                   └──► Hits: what was drawn where, for the
//!                                                        next click and the next page down
//! ```
//!
//! The keys are one table, `assets/keys.yaml` ([`keys`]); the colours are fourteen roles,
//! `assets/themes/` ([`theme`]). A [`screen`] is a module with its state, its `update` and its
//! `view`; what lies over a screen is a stack of [`overlay`]s.

pub mod effect;
pub mod event;
pub mod hits;
pub mod keys;
pub mod overlay;
pub mod pane;
pub mod run;
pub mod screen;
pub mod state;
mod symbols;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod widget;

pub use run::{Options, run};
