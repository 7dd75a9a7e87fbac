//! Owns the rules that hold for every office, whatever happens in it: random days, checked after each step.
