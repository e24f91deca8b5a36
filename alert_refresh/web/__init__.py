"""HTTP in and out: requests, responses, links. No durable client."""
