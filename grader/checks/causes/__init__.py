"""Why a finding came about, where the transcript tells: a module a kind of cause, each of pure functions."""
