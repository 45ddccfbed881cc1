"""Probes for expressions that may look at all that a container holds, or hand it to code that has none."""

import ast

from grader.explorer.instrumentation.accesses import (
    BY_NAME,
    CHANGING,
    DEEP_READ,
    KEEPING,
    NEXT,
    READING,
    WHOLE_READ,
    WITH_FRAME,
    WRITING,
)
from grader.explorer.instrumentation.sites import Builder


class Reader(Builder):
    """Conditions, operators, texts and calls."""

    def visit_If(self, node: ast.If) -> ast.If:
        node.test = self.read(node.test)
        node.body, node.orelse = self.block(node.body), self.block(node.orelse)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.IfExp:
        node.test, node.body, node.orelse = (
            self.read(node.test),
            self.visit(node.body),
            self.visit(node.orelse),
        )
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.BoolOp:
        node.values = [self.read(value) for value in node.values]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.UnaryOp:
        node.operand = self.read(node.operand) if isinstance(node.op, ast.Not) else self.visit(node.operand)
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.Dict:
        places = [ast.unparse(value) for value in node.values]
        node.keys = [key and self.visit(key) for key in node.keys]
        values = [self.visit(value) for value in node.values]
        node.values = [
            value if key else self.whole(value, place)
            for key, value, place in zip(node.keys, values, places, strict=True)
        ]
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.Starred:
        if isinstance(node.ctx, ast.Load):
            place = ast.unparse(node.value)
            node.value = self.whole(self.visit(node.value), place)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.BinOp:
        node.left = self.operand(node.left)
        node.right = self.operand(node.right, "__deep__" if isinstance(node.op, ast.Mod) else "__whole__")
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        is_member = [isinstance(operator, ast.In | ast.NotIn) for operator in node.ops]
        is_same = [isinstance(operator, ast.Is | ast.IsNot) for operator in node.ops]
        node.left = self.visit(node.left) if is_same[0] else self.operand(node.left)
        for place, item in enumerate(node.comparators):
            text = ast.unparse(item)
            if is_member[place]:
                site = self.site(node, "in", text, reads=True)
                node.comparators[place] = self.call("__member__", self.visit(item), site, at=node)
            else:
                node.comparators[place] = self.visit(item) if is_same[place] else self.operand(item)
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.FormattedValue:
        node.value = self.operand(node.value, "__deep__")
        node.format_spec = node.format_spec and self.visit(node.format_spec)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        place = ast.unparse(node.args[0]) if node.args else ""
        called = ast.unparse(function.value if isinstance(function, ast.Attribute) else function)
        if name in DEEP_READ | WHOLE_READ:
            self.at_once |= {argument for argument in node.args if isinstance(argument, ast.Call)}
        if name in DEEP_READ:
            self.read_deeply(node)
        elif isinstance(function, ast.Attribute) and name in (READING | WRITING) - KEEPING:
            self.looked_at(node)
        else:
            self.arguments(node)
        if isinstance(function, ast.Attribute):
            if name in READING | WRITING:
                site = self.site(node, name, called, reads=True, writes=name in WRITING)
                function.value = self.call("__method__", self.visit(function.value), site, at=node)
                return node
            node.func = self.callee(function)
        else:
            node.func = self.visit(function)
        if isinstance(function, ast.Name) and name in WHOLE_READ | NEXT:
            site = self.site(node, name, place, reads=True, writes=name in NEXT)
            node.args = [
                one
                if isinstance(one, ast.Starred | ast.GeneratorExp) or (number and name in NEXT)
                else self.call("__whole__", one, site, at=node)
                for number, one in enumerate(node.args)
            ]
        is_builtin = isinstance(function, ast.Name) and not self.module.bound[name]
        if is_builtin and name == "next":
            node.func = self.call("__next_of__", node.func, site, at=node)
            return node
        if is_builtin and (name in WHOLE_READ | NEXT or name in WITH_FRAME):
            return node
        if name in BY_NAME and node.args:
            node.func = self.call("__named__", node.func, self.site(node, name, place), at=node)
            return node
        # It may be a container's method, or a function of the library's that changes its first argument.
        is_module_s = isinstance(function, ast.Attribute) and called in self.imported
        changed = place if place and (name in CHANGING or is_module_s) else called
        hook = "__read__" if name in DEEP_READ else "__eager__" if node in self.at_once else "__function__"
        site = self.site(node, name, changed, reads=True, writes=True)
        node.func = self.call(hook, node.func, site, at=node)
        return node

    def callee(self, node: ast.Attribute) -> ast.expr:
        raise NotImplementedError

    def arguments(self, node: ast.Call) -> None:
        chosen = ast.BoolOp, ast.IfExp, ast.NamedExpr
        node.args = [self.result(one) if isinstance(one, chosen) else self.visit(one) for one in node.args]
        for keyword in node.keywords:
            place = ast.unparse(keyword.value)
            keyword.value = self.visit(keyword.value)
            if keyword.arg is None:
                keyword.value = self.whole(keyword.value, place)

    def looked_at(self, node: ast.Call) -> None:
        """Arguments of which a container's method looks at all that they hold."""
        node.args = [
            self.visit(one) if isinstance(one, ast.Starred) else self.operand(one) for one in node.args
        ]
        for keyword in node.keywords:
            keyword.value = self.operand(keyword.value)

    def read_deeply(self, node: ast.Call) -> None:
        """Arguments that are read with all that is in them, by code that has no probes."""
        places = [ast.unparse(item) for item in node.args]
        self.arguments(node)
        node.args = [
            item if isinstance(item, ast.Starred | ast.GeneratorExp) else self.whole(item, place, "__deep__")
            for item, place in zip(node.args, places, strict=True)
        ]
