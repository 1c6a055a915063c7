//! Who is in a room, who waits for it, and whose turn it is. Nobody waits here: this is only the reckoning.

use std::collections::{HashMap, VecDeque};

use super::Party;

/// The line before a room. `W` is how somebody who waits is called.
#[derive(Debug)]
pub struct Line<W> {
    room: u64,
    free: u64,
    parties: HashMap<Party, Standing<W>>,
    /// The parties that have somebody waiting, each once, the next one first.
    turns: VecDeque<Party>,
}

#[derive(Debug)]
struct Standing<W> {
    inside: u64,
    waiting: VecDeque<(u64, W)>,
}

impl<W> Line<W> {
    pub fn new(room: u64) -> Self {
        Self {
            room,
            free: room,
            parties: HashMap::new(),
            turns: VecDeque::new(),
        }
    }

    /// The most that one party has inside.
    const fn share(&self) -> u64 {
        self.room / 2
    }

    /// What an operation counts: something, and never more than can be let in.
    pub fn fitting(&self, cost: u64) -> u64 {
        cost.clamp(1, self.share())
    }

    /// Lets somebody in at once, if nobody waits and there is room.
    pub fn try_enter(&mut self, party: Party, cost: u64) -> bool {
        if !self.turns.is_empty() || self.free < cost {
            return false;
        }
        let share = self.share();
        let standing = self.parties.entry(party).or_default();
        if standing.inside + cost > share {
            return false;
        }
        standing.inside += cost;
        self.free -= cost;
        true
    }

    /// Joins the line; `false` if `most` of the party wait already. Those who have left it are not counted.
    pub fn wait(&mut self, party: Party, cost: u64, who: W, most: usize, is_gone: fn(&W) -> bool) -> bool {
        let standing = self.parties.entry(party).or_default();
        if standing.waiting.len() >= most {
            standing.waiting.retain(|(_, waiting)| !is_gone(waiting));
        }
        if standing.waiting.len() >= most {
            return false;
        }
        if standing.waiting.is_empty() && !self.turns.contains(&party) {
            self.turns.push_back(party);
        }
        standing.waiting.push_back((cost, who));
        true
    }

    /// Lets the next one in for whom there is room. A party that has its share is passed over; but nobody is let past whom only the size of the room
    /// keeps waiting, or they would wait for ever behind smaller ones.
    pub fn next(&mut self, is_gone: fn(&W) -> bool) -> Option<(Party, u64, W)> {
        let share = self.share();
        for _ in 0..self.turns.len() {
            let party = self.turns.pop_front()?;
            let Some(standing) = self.parties.get_mut(&party) else {
                continue;
            };
            while standing.waiting.front().is_some_and(|(_, who)| is_gone(who)) {
                standing.waiting.pop_front();
            }
            let Some(&(cost, _)) = standing.waiting.front() else {
                self.forget_idle(party);
                continue;
            };
            if standing.inside + cost > share {
                self.turns.push_back(party);
                continue;
            }
            if cost > self.free {
                self.turns.push_front(party);
                return None;
            }
            let (cost, who) = standing.waiting.pop_front()?;
            standing.inside += cost;
            self.free -= cost;
            if !standing.waiting.is_empty() {
                self.turns.push_back(party);
            }
            return Some((party, cost, who));
        }
        None
    }

    /// Gives room back.
    pub fn leave(&mut self, party: Party, cost: u64) {
        self.free += cost;
        if let Some(standing) = self.parties.get_mut(&party) {
            standing.inside -= cost;
        }
        self.forget_idle(party);
    }

    pub fn is_waited_for(&self) -> bool {
        !self.turns.is_empty()
    }

    fn forget_idle(&mut self, party: Party) {
        let is_idle = |standing: &Standing<W>| standing.inside == 0 && standing.waiting.is_empty();
        if self.parties.get(&party).is_some_and(is_idle) {
            self.parties.remove(&party);
        }
    }
}

impl<W> Default for Standing<W> {
    fn default() -> Self {
        Self {
            inside: 0,
            waiting: VecDeque::new(),
        }
    }
}

#[cfg(test)]
impl<W> Line<W> {
    /// Whether everybody has left and nobody is remembered.
    pub fn is_empty(&self) -> bool {
        self.free == self.room && self.parties.is_empty() && self.turns.is_empty()
    }
}
