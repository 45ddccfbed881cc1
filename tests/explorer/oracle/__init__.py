"""An oracle for the explorer: a second, plain one, tiny programs for both, and what each must say of them."""
