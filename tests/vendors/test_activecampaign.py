"""ActiveCampaign: what of it the suite for all vendors does not look at."""
