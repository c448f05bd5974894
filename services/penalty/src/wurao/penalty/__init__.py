"""Is the outcome lawful and proportionate?"""
