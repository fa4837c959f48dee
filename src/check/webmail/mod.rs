//! What a person's browser needs: the webmail page.

mod judge;
mod page;
mod show;
#[cfg(test)]
mod tests;

pub use judge::{judge, measure};
pub use page::{Page, Pages, Sign};
pub use show::row;

use super::Context;

#[derive(Clone, Debug)]
pub enum Observation {
    Pages(Pages),
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub pages: Option<Pages>,
}

impl Seen {
    pub fn record(&mut self, observation: Observation) {
        let Observation::Pages(pages) = observation;
        self.pages = Some(pages);
    }
}

pub async fn ask(context: &Context) -> super::Observation {
    let pages = page::ask(&context.dns, &context.request.domain).await;
    super::Observation::Webmail(Observation::Pages(pages))
}
