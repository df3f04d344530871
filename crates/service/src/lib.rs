//! What every HTTP service of Comptoir needs
