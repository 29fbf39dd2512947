//! Circles in a graph of things that refer to each other. A document is untrusted and may hold
//! chains of many thousands, so each search visits every thing and every reference once, without
//! recursion.

/// A graph of things by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// The things that each thing refers to.
    pub(crate) targets: Vec<Vec<usize>>,
}

/// The state of a thing during a search.
#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// Its references are being followed.
    Open,
    Done,
}

impl Graph {
    /// Numbers things by name. References to other names are left out.
    pub(crate) fn new<'a>(
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
    pub(crate) fn circles(&self) -> Vec<usize> {
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
    pub(crate) fn is_circular(&self) -> Vec<bool> {
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
    pub(crate) fn cuts(&self) -> Vec<(usize, usize)> {
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
    pub(crate) fn leading_to(&self, things: impl Iterator<Item = usize>) -> Vec<bool> {
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
    fn finished(&self, mut visit: impl FnMut(usize, usize, State)) -> Vec<usize> {
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

#[cfg(test)]
mod tests {
    use super::{Graph, State};

    fn graph(targets: &[&[usize]]) -> Graph {
        let targets = targets.iter().map(|all| all.to_vec()).collect();
        Graph { targets }
    }

    #[test]
    fn things_that_lead_to_each_other_are_one_circle() {
        let graph = graph(&[&[1], &[2], &[1, 3], &[], &[4]]);
        let circles = graph.circles();
        assert_eq!(circles[1], circles[2]);
        assert_ne!(circles[0], circles[1]);
        assert_ne!(circles[3], circles[1]);
        assert_eq!(graph.is_circular(), [false, true, true, false, true]);
    }

    #[test]
    fn a_circle_is_cut_at_its_first_thing() {
        assert_eq!(graph(&[&[1], &[2], &[0]]).cuts(), [(0, 1)]);
        assert_eq!(graph(&[&[0, 1], &[2], &[]]).cuts(), [(0, 0)]);
    }

    #[test]
    fn things_lead_to_others_through_any_number_of_references() {
        let graph = graph(&[&[1], &[2], &[1], &[0]]);
        assert_eq!(graph.leading_to([1].into_iter()), [true; 4]);
        assert_eq!(
            graph.leading_to([0].into_iter()),
            [true, false, false, true]
        );
    }

    /// Every small graph without its cuts has no circle, and no cut is outside a circle.
    #[test]
    fn cuts_leave_no_circle() {
        for bits in 0_u32..1 << 16 {
            let is_set = |from: usize, to: usize| bits & (1 << (from * 4 + to)) != 0;
            let all = (0..4).map(|from| (0..4).filter(|to| is_set(from, *to)).collect());
            let mut graph = Graph {
                targets: all.collect(),
            };
            let circles = graph.circles();
            for (from, to) in graph.cuts() {
                assert_eq!(circles[from], circles[to], "{bits:b}");
                graph.targets[from].retain(|target| *target != to);
            }
            assert!(!graph.is_circular().contains(&true), "{bits:b}");
        }
    }

    #[test]
    fn each_reference_is_followed_once() {
        const LENGTH: usize = 10_000;
        for last in [vec![], vec![0]] {
            let mut targets: Vec<Vec<usize>> = (1..LENGTH).map(|next| vec![next]).collect();
            targets.push(last.clone());
            let graph = Graph { targets };
            let mut count = 0;
            graph.finished(|_, _, _: State| count += 1);
            assert_eq!(count, LENGTH - 1 + last.len());
            assert_eq!(graph.cuts().len(), last.len());
        }
    }
}
