"""Series, models, pooling, scores and backtest."""
