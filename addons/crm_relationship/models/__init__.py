from . import scorecard_mixin
