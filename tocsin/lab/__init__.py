"""The threshold lab: how often a rule would have rung over the past years, before it is one."""
