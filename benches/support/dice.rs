//! Owns chance that is the same every time: a small generator with a seed, and the distributions that visitors come in.

/// SplitMix64: good enough for people in a queue, and for nothing secret.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The same seeds give the same dice; a difference in any of them gives dice that have nothing to do with each other.
    pub fn new(seeds: &[u64]) -> Self {
        let mut dice = Self(0);
        for seed in seeds {
            dice.0 = dice.next() ^ seed;
        }
        dice
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1, without 1.
    pub fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True in so many of one.
    pub fn chance(&mut self, of_one: f64) -> bool {
        self.part() < of_one
    }

    /// Which of several, by their weights.
    pub fn pick(&mut self, weights: &[f64]) -> usize {
        let mut left = self.part() * weights.iter().sum::<f64>();
        for (i, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return i;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// Time until the next one, of those who come by chance.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.part()).ln()
    }

    /// Log-normal with this mean: many that take a little less, a few that take much more. `spread` is the standard deviation as a part of the
    /// mean.
    pub fn skewed(&mut self, mean: f64, spread: f64) -> f64 {
        let variance = (1.0 + spread * spread).ln();
        let normal = (-2.0 * (1.0 - self.part()).ln()).sqrt() * (std::f64::consts::TAU * self.part()).cos();
        mean * (variance.sqrt() * normal - variance / 2.0).exp()
    }
}
