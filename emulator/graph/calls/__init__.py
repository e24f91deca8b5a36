"""The calls below /beta/identityGovernance/roleManagementAlerts, by what they are about."""
