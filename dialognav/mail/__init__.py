"""Letters: facts when promised, an outbox row in the transaction, an EmailMessage when sent."""
