//! What the practice world has to say beside the diagnosis.

use crate::tui::state::{Guess, Scenario, State};
use crate::tui::symbols;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

/// Whether it is read before the diagnosis: a guess was made, or is still to be made.
pub(super) fn comes_first(state: &State) -> bool {
    state.game.hidden || state.game.revealed
}

/// The story of the scenario; the guess and the right answer, once there is one.
pub(super) fn write(state: &State, scenario: &Scenario, doc: &mut Doc) {
    doc.spans(vec![
        (Role::Dim, "practice  ".to_owned()),
        (Role::Title, scenario.title.clone()),
    ]);
    if let Some(guess) = state.game.guess {
        let right = is_right(scenario, guess);
        let (role, symbol, words) = if right {
            (Role::Good, "✓", "Your guess is right")
        } else {
            (Role::Bad, "✗", "It was something else. You guessed")
        };
        let guessed = match guess {
            Guess::NothingWrong => "nothing is wrong".to_owned(),
            Guess::Finding(id) => format!("{id}, {}", id.entry().means),
        };
        doc.item(role, symbol, &format!("{words}: {guessed}."));
    }
    if state.game.revealed {
        let statuses: Vec<_> = scenario
            .statuses
            .iter()
            .map(|status| symbols::status(*status).2)
            .collect();
        let causes: Vec<_> = scenario.causes.iter().map(|id| id.as_str()).collect();
        let causes = if causes.is_empty() {
            "no cause".to_owned()
        } else {
            causes.join(" or ")
        };
        doc.hanging(
            0,
            2,
            vec![
                (Role::Key, "The answer: ".to_owned()),
                (Role::Title, format!("{}, {causes}", statuses.join(" or "))),
            ],
        );
        let answer: Vec<_> = scenario.answer.split_whitespace().collect();
        doc.hanging(2, 2, vec![(Role::Text, answer.join(" "))]);
    } else if state.game.hidden {
        doc.text(
            Role::Note,
            "The verdict is hidden. Look at the checks, hold a session, read the mail log (`l`), \
             then press `g` and guess the fault; `v` shows the answer.",
        );
    } else {
        doc.text(
            Role::Dim,
            "`g` hides the verdict and lets you guess the fault; `v` shows the answer.",
        );
    }
}

fn is_right(scenario: &Scenario, guess: Guess) -> bool {
    match guess {
        Guess::NothingWrong => scenario.causes.is_empty(),
        Guess::Finding(id) => scenario.causes.contains(&id),
    }
}
