//! Whose turn it is: accounts with something due are served one after the other, however much each has.

use std::collections::{HashSet, VecDeque};

use uuid::Uuid;

/// Accounts with something due that are looked at together. More wait until some of these have nothing left.
pub const MOST_ACCOUNTS: u64 = 1_000;

/// Accounts in the order in which they are served.
#[derive(Debug, Default)]
pub struct Turns(VecDeque<Uuid>);

impl Turns {
    /// Takes in who has something due now. Whoever waits already keeps the place; whoever is new is last.
    pub fn look(&mut self, due: Vec<Uuid>) {
        let still: HashSet<Uuid> = due.iter().copied().collect();
        self.0.retain(|id| still.contains(id));
        let waiting: HashSet<Uuid> = self.0.iter().copied().collect();
        self.0.extend(due.into_iter().filter(|id| !waiting.contains(id)));
    }

    pub fn next(&mut self) -> Option<Uuid> {
        self.0.pop_front()
    }

    /// Whoever was served and may have more is served again after all others.
    pub fn again(&mut self, id: Uuid) {
        self.0.push_back(id);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::Turns;

    #[test]
    fn an_account_with_one_thing_is_served_after_one_of_an_account_with_thousands() {
        let [big, small, late] = [1, 2, 3].map(Uuid::from_u128);
        let mut turns = Turns::default();
        turns.look(vec![big]);
        let mut served = Vec::new();
        for step in 0..6 {
            if step == 2 {
                turns.look(vec![big, small]);
            }
            if step == 3 {
                // The longest due are listed first, which gives them no second turn.
                turns.look(vec![big, late, small]);
            }
            let id = turns.next().unwrap();
            served.push(id);
            if id == big {
                turns.again(id);
            }
        }
        assert_eq!(served, [big, big, big, small, big, late]);
        turns.look(Vec::new());
        assert!(turns.is_empty());
    }
}
