"""The room where guardians' consent is confirmed class by class: by the coordinator, or by the class's teacher."""
