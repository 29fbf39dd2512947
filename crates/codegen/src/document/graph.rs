//! Circles in a graph of things that refer to each other. A document is untrusted and may hold
//! chains of many thousands, so each search visits every thing and every reference once, without
//! recursion.

/// A graph of things by their numbers.
#[derive(Debug, Default)]
pub struct Graph {
    /// The things that each thing refers to.
    pub targets: Vec<Vec<usize>>,
}

/// The state of a thing during a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    /// The search has not reached it.
    New,
    /// Its references are being followed.
    Open,
    /// All that it leads to was visited.
    Done,
}

impl Graph {
    /// Numbers things by name. References to other names are left out.
    pub fn new<'a>(
        things: impl IntoIterator<Item = (&'a str, Vec<String>)>,
    ) -> (Self, crate::collections::IndexSet<&'a str>) {
        let (names, references): (crate::collections::IndexSet<&str>, Vec<Vec<String>>) =
            things.into_iter().unzip();
        let targets = references.iter().map(|all| {
            let numbers = all.iter();
            numbers
                .filter_map(|name| names.get_index_of(name.as_str()))
                .collect()
        });
        let targets = targets.collect();
        (Self { targets }, names)
    }

    /// Returns for each thing the number of its circle, which it shares with the things that it
    /// leads to and that lead back to it.
    pub fn circles(&self) -> Vec<usize> {
        let order = self.finished(|_, _, _| {});
        let reversed = self.reversed();
        let mut circles = vec![usize::MAX; self.targets.len()];
        for (number, start) in order.into_iter().rev().enumerate() {
            let mut pending = vec![start];
            while let Some(next) = pending.pop() {
                if circles[next] == usize::MAX {
                    circles[next] = number;
                    pending.extend(&reversed.targets[next]);
                }
            }
        }
        circles
    }

    /// Returns true for each thing that leads to itself.
    pub fn is_circular(&self) -> Vec<bool> {
        let circles = self.circles();
        let mut sizes = vec![0_usize; self.targets.len()];
        for circle in &circles {
            sizes[*circle] += 1;
        }
        let things = circles.iter().enumerate();
        things
            .map(|(thing, circle)| sizes[*circle] > 1 || self.targets[thing].contains(&thing))
            .collect()
    }

    /// Returns the references whose removal leaves no circle, each from one thing to another. A
    /// circle is cut at its first thing.
    pub fn cuts(&self) -> Vec<(usize, usize)> {
        let mut cuts = Vec::new();
        self.reversed().finished(|to, from, state| {
            if state == State::Open {
                cuts.push((from, to));
            }
        });
        cuts.sort_unstable();
        cuts
    }

    /// Returns true for each of `things`, and for each thing that leads to one of them.
    pub fn leading_to(&self, things: impl Iterator<Item = usize>) -> Vec<bool> {
        let reversed = self.reversed();
        let mut leads = vec![false; self.targets.len()];
        let mut pending: Vec<usize> = things.collect();
        while let Some(thing) = pending.pop() {
            if !std::mem::replace(&mut leads[thing], true) {
                pending.extend(&reversed.targets[thing]);
            }
        }
        leads
    }

    fn reversed(&self) -> Self {
        let mut targets = vec![Vec::new(); self.targets.len()];
        for (from, all) in self.targets.iter().enumerate() {
            for to in all {
                targets[*to].push(from);
            }
        }
        Self { targets }
    }

    /// Searches from each thing in turn, and calls `visit` for each reference with the state of its
    /// target. Returns the things in the order in which their searches end.
    pub fn finished(&self, mut visit: impl FnMut(usize, usize, State)) -> Vec<usize> {
        let mut states = vec![State::New; self.targets.len()];
        let mut order = Vec::with_capacity(self.targets.len());
        for start in 0..self.targets.len() {
            if states[start] != State::New {
                continue;
            }
            states[start] = State::Open;
            let mut path = vec![(start, 0)];
            while let Some((thing, at)) = path.last_mut() {
                let Some(&target) = self.targets[*thing].get(*at) else {
                    states[*thing] = State::Done;
                    order.push(*thing);
                    path.pop();
                    continue;
                };
                *at += 1;
                visit(*thing, target, states[target]);
                if states[target] == State::New {
                    states[target] = State::Open;
                    path.push((target, 0));
                }
            }
        }
        order
    }
}
