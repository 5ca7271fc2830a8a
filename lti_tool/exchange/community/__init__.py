"""What teachers tell each other about resources: reports of use with ratings, questions, requests for what is missing."""
