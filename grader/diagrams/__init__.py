"""Space-time diagrams: who said what to whom, and who waited for whom, drawn from transcripts."""
